"""``python -m mmreid``: the command ``mmreid`` where its folder is not on the PATH."""

from mmreid.cli.main import main

if __name__ == '__main__':
    main()
