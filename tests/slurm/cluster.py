"""A real Slurm on this machine: munge, a controller and a node on loopback, in a folder.

Everything it writes stays in its folder, and it stops when its ``with`` ends. It is Debian's Slurm
as it comes; what a machine of one user cannot have (cgroups, accounting) is turned off. A second
node, which is this machine once more, can be started and can fail.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from processes import free_port, wait_for

COMMANDS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel", "sinfo")
PROGRAMS = ("munged", *COMMANDS)
#: Where Debian keeps daemons, which is not always on a user's path.
SBIN = "/usr/sbin:/sbin"
NODE, OTHER_NODE = "node1", "node2"
PATIENCE = 60.0

CONF = """\
ClusterName=takedown
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdTimeout=20
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
MinJobAge=3600
ReturnToService=2
SchedulerParameters=sched_interval=2,batch_sched_delay=0
NodeName=DEFAULT CPUs={cpus} RealMemory={memory}
NodeName={nodes[0]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[0]} State=UNKNOWN
NodeName={nodes[1]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} State=DOWN
PartitionName=main Nodes={nodes[0]},{nodes[1]} Default=YES MaxTime=INFINITE State=UP
"""


def path_with_daemons() -> str:
    return f"{os.environ['PATH']}:{SBIN}"


def missing_programs() -> list[str]:
    """Which programs of Slurm and munge are not on this machine."""
    return [name for name in PROGRAMS if not shutil.which(name, path=path_with_daemons())]


class Slurm:
    """The running cluster; ``env`` is what a command must have to reach it."""

    def __init__(self, folder: Path, cpus: int, memory: int) -> None:
        self.folder = folder
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)
        values = {
            "host": socket.gethostname(),
            "user": getpass.getuser(),
            "folder": folder,
            "nodes": (NODE, OTHER_NODE),
            "cpus": cpus,
            "memory": memory,
            "controller_port": free_port(),
            "ports": (free_port(), free_port()),
        }
        conf = folder / "slurm.conf"
        conf.write_text(CONF.format(**values), encoding="utf-8")
        self.env = os.environ | {"PATH": f"{self.commands(conf)}:{path_with_daemons()}"}
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    def commands(self, conf: Path) -> Path:
        """A folder of Slurm's commands that know the configuration: the executor drops its name."""
        folder = self.folder / "bin"
        folder.mkdir()
        for name in COMMANDS:
            program = shutil.which(name, path=path_with_daemons())
            script = folder / name
            script.write_text(f'#!/bin/sh\nSLURM_CONF="{conf}" exec {program} "$@"\n')
            script.chmod(0o755)
        return folder

    def start(self) -> None:
        """Start everything, and wait until the node takes jobs."""
        here = self.folder
        munge = ["munged", "-F", "--force", f"--key-file={here}/munge.key"]
        munge += [f"--socket={here}/munge.socket", f"--pid-file={here}/munge.pid"]
        munge += [f"--log-file={here}/munge.log", f"--seed-file={here}/munge.seed"]
        self.run_daemon("munged", munge)
        wait_for((here / "munge.socket").exists, "munged does not answer")
        self.run_daemon("slurmctld", ["slurmctld", "-D"])
        self.start_node(NODE)

    def start_node(self, node: str) -> None:
        self.run_daemon(node, ["slurmd", "-D", "-N", node])
        wait_for(lambda: self.node_state(node).startswith("IDLE"), f"{node} does not come up")

    def crash(self, node: str) -> None:
        """End a node as a loss of power would: its daemon and all of its jobs at once."""
        jobs = self.running(node)
        doomed = [psutil.Process(self.daemons.pop(node).pid)]
        for process in psutil.process_iter(["cmdline"]):
            name = " ".join(process.info["cmdline"] or [])
            if any(name.startswith(f"slurmstepd: [{job}.") for job in jobs):
                doomed += [process, *process.children(recursive=True)]
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def run_daemon(self, name: str, command: list[str]) -> None:
        log = (self.folder / f"{name}.out").open("ab")
        self.daemons[name] = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)

    def stop_daemon(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            daemon.kill()

    def restart_controller(self, away: float) -> None:
        """Take the controller away for so many seconds."""
        self.stop_daemon("slurmctld")
        time.sleep(away)
        self.run_daemon("slurmctld", ["slurmctld", "-D"])
        wait_for(lambda: self.node_state() != "", "slurmctld does not come back")

    def run(self, *command: str) -> str:
        """What a command of Slurm prints; blank where the controller does not answer."""
        done = subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.stdout if done.returncode == 0 else ""

    def node_state(self, node: str = NODE) -> str:
        words = self.run("scontrol", "-o", "show", "node", node).split()
        return next((word.removeprefix("State=") for word in words if word[:6] == "State="), "")

    def drain(self) -> None:
        """Let the first node take no more jobs."""
        self.run("scontrol", "update", f"NodeName={NODE}", "State=DRAIN", "Reason=test")

    def resume(self) -> None:
        """Let it take jobs again."""
        self.run("scontrol", "update", f"NodeName={NODE}", "State=RESUME")

    def running(self, *nodes: str) -> list[str]:
        """The ids of the jobs that run now, on any node or on ``nodes``."""
        on = [f"--nodelist={','.join(nodes)}"] if nodes else []
        return self.run("squeue", "--noheader", "--states=RUNNING", "--format=%i", *on).split()

    def all_jobs(self) -> list[dict[str, str]]:
        """What the controller knows of every job since it was first started."""
        lines = self.run("scontrol", "-o", "show", "jobs").splitlines()
        return [
            dict(word.split("=", 1) for word in line.split() if "=" in word)
            for line in lines
            if line.startswith("JobId=")
        ]

    def stop(self) -> None:
        self.run("scancel", "--user", getpass.getuser())
        for name in (OTHER_NODE, NODE, "slurmctld", "munged"):
            if name in self.daemons:
                self.stop_daemon(name)


@contextmanager
def slurm(folder: Path, cpus: int = 2, memory: int = 8000) -> Iterator[Slurm]:
    """A running Slurm whose nodes have so many cores and so much memory (MB)."""
    cluster = Slurm(folder, cpus, memory)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
