import pytest
from browser import Watched


@pytest.fixture
def watched(browser):
    context = browser.new_context(viewport=dict(width=1280, height=800))
    yield Watched(context.new_page())
    context.close()
