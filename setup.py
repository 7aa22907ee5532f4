"""Installation of mmreid; everything else about the project is in pyproject.toml."""

import atexit
import os
import tempfile
from pathlib import Path
from shutil import rmtree

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# What is needed for a part alone, named after what one gets; `mmreid.optional.EXTRAS`
# has which package asks for which.
EXTRAS = (
    'search',
    'clustering',
    'milvus',
    'pages',
    'export',
    'trunks',
    'hdf5',
    'parquet',
    'download',
    'trackers',
)


class BuildWithConfigs(build_py):
    """Put the configs where OpenMMLab's tools look for them: ``mmreid/.mim``."""

    def run(self) -> None:
        """Build as usual, then copy ``configs/`` and the list of models."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, 'mmreid', '.mim')
            # In folders of their own: those of a clone may not be written to.
            for path in [*(ROOT / 'configs').rglob('*.*'), ROOT / 'model-index.yml']:
                if path.is_file() and path.parent.name != '__pycache__':
                    place = target / path.relative_to(ROOT)
                    self.mkpath(str(place.parent))
                    self.copy_file(str(path), str(place))


def requirements(name: str) -> list[str]:
    """Read one file of ``requirements/`` without its comments."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text('utf-8').splitlines()
    return [line.split('#')[0].strip() for line in lines if line.split('#')[0].strip()]


def extras() -> dict[str, list[str]]:
    """Read what each extra installs; ``all`` is everything that a user may want."""
    found = {name: requirements(name) for name in EXTRAS}
    together = {line for lines in found.values() for line in lines}
    return {
        **found,
        'all': sorted(together),
        'tests': requirements('tests'),
        'docs': requirements('docs'),
    }


def build_options() -> dict[str, dict[str, str]]:
    """Have builds put their files aside, where no other build has left any.

    What an older build left in ``build/`` would get into the next wheel. A clone that
    cannot be written to gets no ``mmreid.egg-info`` either.
    """
    aside = tempfile.mkdtemp(prefix='mmreid_build_')
    atexit.register(rmtree, aside, ignore_errors=True)
    options = {'build': {'build_base': aside}}
    if not os.access(ROOT, os.W_OK):
        options['egg_info'] = {'egg_base': aside}
    return options


version: dict[str, str] = {}
exec((ROOT / 'mmreid' / 'version.py').read_text('utf-8'), version)

setup(
    name='mmreid',
    version=version['__version__'],
    description='Person re-identification on the OpenMMLab stack',
    long_description=(ROOT / 'README.md').read_text('utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    author='mmreid contributors',
    keywords='person re-identification, retrieval, PyTorch, OpenMMLab',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Programming Language :: Python :: 3.14',
        'Topic :: Scientific/Engineering :: Image Recognition',
        'Typing :: Typed',
    ],
    packages=find_packages(include=['mmreid', 'mmreid.*']),
    package_data={
        'mmreid': ['py.typed'],
        'mmreid.report': ['assets/*', 'assets/*/*'],
        'mmreid.apis.weights.packaged': ['*.safetensors', '*.md'],
    },
    python_requires='>=3.11',
    install_requires=requirements('runtime'),
    extras_require=extras(),
    entry_points={'console_scripts': ['mmreid = mmreid.cli.main:main']},
    cmdclass={'build_py': BuildWithConfigs},
    options=build_options(),
)
