"""What compose.yaml and the manifests make of the program, in one form. Each reference is followed; one that leads nowhere is a KeyError or
an AssertionError that names it."""
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
COMPOSE = DEPLOY / "kafka" / "compose.yaml"
MANIFESTS = DEPLOY / "kubernetes"
SECRETS = {"kek", "operator.token"}


@dataclass
class Process:
    name: str
    arguments: list[str]
    probe: list[str]  # a command, or the path that HTTP answers at
    port: int  # of HTTP, for the probe
    texts: dict[str, str] = field(default_factory=dict)  # by path: files with settings
    secrets: dict[str, str] = field(default_factory=dict)  # by path: their names
    volumes: dict[str, str] = field(default_factory=dict)  # by path: the volume, this process's own
    prepare: list[str] = field(default_factory=list)  # a command that runs before

    @property
    def roles(self) -> list[str]:
        return self.arguments[self.arguments.index("--roles") + 1].split(",")

    def place(self, path: str) -> str:
        """The mount that a path of the settings lies in."""
        for mount in [*self.texts, *self.secrets, *self.volumes]:
            if path == mount or path.startswith(mount + "/"):
                return mount
        raise AssertionError(f"{self.name}: {path} is in no mount")


def paths_in(value) -> list[str]:
    """Absolute paths among the plain values of settings."""
    if isinstance(value, dict):
        return [path for each in value.values() for path in paths_in(each)]
    if isinstance(value, list):
        return [path for each in value for path in paths_in(each)]
    return [value] if isinstance(value, str) and value.startswith("/") else []


def compose() -> tuple[dict, list[Process]]:
    """compose.yaml, and its processes of Lenne."""
    document = yaml.safe_load(COMPOSE.read_text())
    processes = []
    for name, service in document["services"].items():
        if service["image"] != "lenne":
            continue
        process = Process(name, service["command"], service["healthcheck"]["test"][1:], 8080)
        for config in service["configs"]:
            process.texts[config["target"]] = (COMPOSE.parent / document["configs"][config["source"]]["file"]).read_text()
        for secret in service["secrets"]:
            process.secrets[f"/run/secrets/{secret}"] = Path(document["secrets"][secret]["file"]).name
        for volume in service["volumes"]:
            source, target = volume.split(":")
            assert source in document["volumes"], f"{name}: volume {source} is not declared"
            process.volumes[target] = source
        for other in service["depends_on"]:
            assert "healthcheck" in document["services"][other], f"{name} waits for the health of {other}"
        processes.append(process)
    return document, processes


def manifests() -> list[dict]:
    """The objects of all resources of kustomization.yaml, and the ConfigMaps that it makes."""
    kustomization = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())
    objects = [each for name in kustomization["resources"] for each in yaml.safe_load_all((MANIFESTS / name).read_text())]
    for config in kustomization["configMapGenerator"]:
        data = {name: (MANIFESTS / name).read_text() for name in config["files"]}
        objects.append({"kind": "ConfigMap", "metadata": {"name": config["name"]}, "data": data})
    assert {path.name for path in MANIFESTS.iterdir()} == {
        "kustomization.yaml", *kustomization["resources"], *(name for each in kustomization["configMapGenerator"] for name in each["files"])}
    return objects


def mounts_of(container: dict, spec: dict, claims: list[dict], objects: list[dict]):
    """(path, kind, what) of each mount: kind is texts, secrets or volumes."""
    volumes = {volume["name"]: volume for volume in spec["volumes"]} | {claim["metadata"]["name"]: {"claim": True} for claim in claims}
    for mount in container["volumeMounts"]:
        volume = volumes[mount["name"]]
        if "configMap" in volume:
            found = [each for each in objects if each["kind"] == "ConfigMap" and each["metadata"]["name"] == volume["configMap"]["name"]]
            assert found, f"no ConfigMap {volume['configMap']['name']}"
            for name, text in found[0]["data"].items():
                yield f"{mount['mountPath']}/{name}", "texts", text
        elif "secret" in volume:
            assert volume["secret"]["secretName"] == "lenne-keys" and volume["secret"]["defaultMode"] == 0o440
            for name in SECRETS:
                yield f"{mount['mountPath']}/{name}", "secrets", name
        else:
            yield mount["mountPath"], "volumes", mount["name"]


def kubernetes() -> tuple[list[dict], list[Process]]:
    """All objects, and one process of Lenne for each pod."""
    objects = manifests()
    processes = []
    for workload in (each for each in objects if each["kind"] == "StatefulSet"):
        spec = workload["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        (before,) = spec["initContainers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        probe = container["readinessProbe"]["httpGet"]
        for number in range(workload["spec"]["replicas"]):
            process = Process(f"{workload['metadata']['name']}-{number}", container["args"], [probe["path"]], ports[probe["port"]],
                              prepare=before["command"])
            for each in (before, container):
                for path, kind, what in mounts_of(each, spec, workload["spec"]["volumeClaimTemplates"], objects):
                    getattr(process, kind)[path] = what
            processes.append(process)
    return objects, processes


def packages_of_image() -> set[str]:
    """What the second stage of the Dockerfile installs."""
    stage = (DEPLOY / "Dockerfile").read_text().split("\nFROM ")[-1].replace("\\\n", " ")
    words = re.search(r"apt-get install (.*?)&&", stage).group(1).split()
    return {word for word in words if not word.startswith("-")}
