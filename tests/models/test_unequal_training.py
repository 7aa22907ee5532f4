"""Two processes of which one alone meets pictures of another size."""

import torch
from preloaded import run_together
from unequal_training import SIZES, maps, network, train


def test_gradients_are_the_mean_of_both_processes(tmp_path):
    run_together(train, [tmp_path], 2)
    found = [torch.load(tmp_path / f'{rank}.pt') for rank in range(2)]
    model = network()
    for step in range(len(SIZES)):
        model.zero_grad()
        loss = sum(model(maps(step, rank)).square().sum() for rank in range(2)) / 2
        loss.backward()
        expected = [parameter.grad for parameter in model.parameters()]
        for own in found:
            torch.testing.assert_close(own[step], expected, rtol=1e-10, atol=1e-12)
