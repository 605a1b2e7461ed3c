"""Say in one line what is missing before an environment is made; silent when all is well.

Runs under any Python from 3.6 (it must be able to tell an old one what to do), so no newer syntax here.
"""

import os
import shutil
import sys
from pathlib import Path

OLDEST = (3, 11)
OLDEST_PIP = (22, 3)  # the first with --python, which fills an environment that has no pip of its own
ROOM_MB = 900  # the environment with the test tools, and the archives while they are unpacked


def find_obstacle() -> str:
    """Return the first obstacle as one line, Chinese and English; empty where there is none."""
    here = Path.cwd()
    if sys.version_info[:2] < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return (
            f"需要 Python 3.11 或更新版本，当前是 {found}。安装后运行：make run PYTHON=python3.11"
            f" / Python 3.11 or newer is needed, this is {found}. Then: make run PYTHON=python3.11"
        )
    if not os.access(str(here), os.W_OK):
        return (
            f"文件夹 {here} 不可写。请把项目复制到自己的文件夹，或更改其权限"
            f" / The folder {here} cannot be written to. Copy the project to a folder of your own,"
            " or change its permissions"
        )
    try:
        import pip
    except ImportError:
        return "缺少 pip。Debian 上请运行：apt install python3-pip / pip is missing. On Debian: apt install python3-pip"
    if tuple(int(part) for part in pip.__version__.split(".")[:2]) < OLDEST_PIP:
        return (
            f"pip {pip.__version__} 太旧。请运行：python3 -m pip install --upgrade pip"
            f" / pip {pip.__version__} is too old. Run: python3 -m pip install --upgrade pip"
        )
    if not Path(".venv").exists() and shutil.disk_usage(str(here)).free < ROOM_MB * 1024 * 1024:
        return (
            f"{here} 所在磁盘的剩余空间不足 {ROOM_MB} MB，请先清理"
            f" / Less than {ROOM_MB} MB is free on the disk of {here}. Make room first"
        )
    return ""


def main() -> None:
    """Print the obstacle, if any, and leave with 1."""
    obstacle = find_obstacle()
    if not obstacle:
        return
    try:
        print(obstacle)
    except UnicodeEncodeError:  # a terminal without Chinese still gets the English half
        print(obstacle.split(" / ", 1)[1].encode("ascii", "replace").decode())
    sys.exit(1)


if __name__ == "__main__":
    main()
