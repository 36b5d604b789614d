#!/usr/bin/env python3
"""The files of a deployment hang together: what refers to something finds it, and the image has the libraries that the program names.
No container engine is needed: what the settings say is tried by processes_test.py.
"""
import os
import re
import subprocess
import sys
import unittest

import yaml

from deployments import COMPOSE, DEPLOY, MANIFESTS, SECRETS, compose, kubernetes, packages_of_image, paths_in

ROOT = DEPLOY.parent
LENNE = os.environ["LENNE_BIN"]
USER = 10001
ALL_ROLES = ["ingest", "network"], ["windows"], ["serve"]


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


class Both(unittest.TestCase):
    """What is true of compose.yaml and of the manifests."""

    def test_settings_point_at_what_is_mounted(self):
        for _, processes in (compose(), kubernetes()):
            self.assertCountEqual([process.roles for process in processes], [ALL_ROLES[0]] * 2 + [ALL_ROLES[1]] * 2 + [ALL_ROLES[2]])
            for process in processes:
                config = process.arguments[process.arguments.index("--config") + 1]
                settings = yaml.safe_load(process.texts[config])
                for path in paths_in(settings) + [each for each in process.prepare if each.startswith("/")]:
                    process.place(path.rstrip("/"))
                self.assertIn(process.place(settings["data"]), process.volumes)
                self.assertEqual(settings["http"]["listen"], f"0.0.0.0:{process.port}")
                self.assertEqual(settings["log"]["replication"], 3)
                self.assertEqual(set(process.secrets.values()), SECRETS)

    def test_no_key_is_in_the_tree_or_goes_into_an_image(self):
        for file in (".gitignore", ".dockerignore"):
            self.assertIn("deploy/kafka/secrets", [line.strip("/") for line in (ROOT / file).read_text().splitlines()])
        for file in [*MANIFESTS.iterdir(), COMPOSE, COMPOSE.parent / "lenne.yaml"]:
            self.assertIsNone(re.search(r"\b[0-9a-f]{32,}\b", file.read_text()), file)


class Compose(unittest.TestCase):
    def setUp(self):
        self.document, self.processes = compose()
        self.brokers = {name: service for name, service in self.document["services"].items() if service["image"].startswith("apache/kafka:")}

    def test_the_brokers_are_of_the_tested_version(self):
        version = re.search(r"<kafka.version>(.*)</kafka.version>", (DEPLOY / "kafka" / "pom.xml").read_text()).group(1)
        self.assertEqual({service["image"] for service in self.brokers.values()}, {f"apache/kafka:{version}"})
        self.assertEqual(len(self.brokers), 3)

    def test_the_brokers_know_each_other_and_the_processes_know_them(self):
        voters = ",".join(f"{service['environment']['KAFKA_NODE_ID']}@{name}:9093" for name, service in self.brokers.items())
        for name, service in self.brokers.items():
            self.assertEqual(service["hostname"], name)
            self.assertEqual(service["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"], voters)
            self.assertEqual(service["environment"]["KAFKA_ADVERTISED_LISTENERS"], f"CLIENTS://{name}:9092")
            self.assertEqual(service["volumes"], [f"{name}:{service['environment']['KAFKA_LOG_DIRS']}"])
        for process in self.processes:
            settings = yaml.safe_load(next(iter(process.texts.values())))
            self.assertEqual(settings["log"]["brokers"], [f"{name}:9092" for name in self.brokers])

    def test_each_process_has_its_own_volume_and_port(self):
        used = [volume.split(":")[0] for service in self.document["services"].values() for volume in service["volumes"]]
        self.assertCountEqual(used, self.document["volumes"])
        published = [port for service in self.document["services"].values() for port in service.get("ports", [])]
        self.assertCountEqual(published, ["1700:1700/udp", "1701:1700/udp", "127.0.0.1:8080:8080"])

    def test_what_ends_is_started_again_and_is_bounded(self):
        for name, service in self.document["services"].items():
            self.assertEqual(service["restart"], "unless-stopped", name)
            self.assertIn("stop_grace_period", service, name)
            self.assertEqual(set(service["deploy"]["resources"]["limits"]), {"cpus", "memory"}, name)
        for process in self.processes:
            service = self.document["services"][process.name]
            self.assertTrue(service["read_only"])
            self.assertEqual((service["build"]["context"], service["build"]["dockerfile"]), ("../..", "deploy/Dockerfile"))


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.objects, self.processes = kubernetes()
        self.workloads = self.of("StatefulSet")

    def of(self, kind: str) -> dict[str, dict]:
        return {each["metadata"]["name"]: each for each in self.objects if each["kind"] == kind}

    def test_pods_differ_in_nothing_but_their_work(self):
        pods = []
        for name, workload in self.workloads.items():
            text = yaml.safe_dump(workload["spec"]["template"]).replace(name.removeprefix("lenne-"), "X")
            pod = yaml.safe_load(text)["spec"]
            for part in ("args", "ports", "resources"):
                del pod["containers"][0][part]
            pods.append(pod)
        self.assertEqual(pods[0], pods[1])
        self.assertEqual(pods[1], pods[2])

    def test_pods_may_do_no_more_than_they_must(self):
        for name, workload in self.workloads.items():
            spec = workload["spec"]["template"]["spec"]
            self.assertEqual(spec["securityContext"], {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
                                                       "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"}}, name)
            for container in spec["initContainers"] + spec["containers"]:
                self.assertEqual(container["securityContext"],
                                 {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, name)
                self.assertIn("memory", container["resources"]["limits"])

    def test_services_and_budgets_select_pods_that_there_are(self):
        labels = {name: workload["spec"]["template"]["metadata"]["labels"] for name, workload in self.workloads.items()}
        self.assertEqual(len({str(each) for each in labels.values()}), 3)
        services = self.of("Service")
        for name, workload in self.workloads.items():
            self.assertEqual(workload["spec"]["selector"]["matchLabels"], labels[name])
            headless = services[workload["spec"]["serviceName"]]
            self.assertEqual((headless["spec"]["clusterIP"], headless["spec"]["selector"]), ("None", labels[name]))
        for name, service in services.items():
            (workload,) = [each for each in self.workloads if labels[each] == service["spec"]["selector"]]
            (container,) = self.workloads[workload]["spec"]["template"]["spec"]["containers"]
            ports = {port["name"]: port.get("protocol", "TCP") for port in container["ports"]}
            for port in service["spec"]["ports"]:
                self.assertEqual(ports[port["targetPort"]], port.get("protocol", "TCP"), name)
        budgets = self.of("PodDisruptionBudget")
        self.assertEqual(set(budgets), {name for name, workload in self.workloads.items() if workload["spec"]["replicas"] > 1})
        for name, budget in budgets.items():
            self.assertEqual((budget["spec"]["maxUnavailable"], budget["spec"]["selector"]["matchLabels"]), (1, labels[name]))

    def test_a_gateway_stays_with_one_process(self):
        spec = self.of("Service")["lenne-gateways"]["spec"]
        self.assertEqual((spec["type"], spec["externalTrafficPolicy"], spec["sessionAffinity"]), ("LoadBalancer", "Local", "ClientIP"))
        self.assertEqual(spec["ports"][0]["port"], 1700)


class Image(unittest.TestCase):
    def test_it_has_the_libraries_that_the_program_names_and_no_others(self):
        names = re.findall(r"NEEDED +(\S+)", output("objdump", "-p", LENNE))
        files = dict(re.findall(r"(\S+) => (\S+)", output("ldd", LENNE)))
        owners = {name: self.owner(files[name]) for name in names}
        self.assertEqual(packages_of_image(), {*owners.values(), "tzdata"}, owners)

    def test_apt_brings_what_these_libraries_need(self):
        needs = {}
        for line in output("dpkg-query", "-W", "-f", "${Package}:${Depends},${Pre-Depends}\n").splitlines():
            name, wanted = line.split(":", 1)
            needs[name] = set(re.findall(r"(?:^|[,|]) *([a-z0-9.+-]+)", wanted))
        known, todo = set(), packages_of_image()
        while todo:
            known |= todo
            todo = {each for name in todo for each in needs.get(name, ())} - known
        for file in re.findall(r"=> (\S+)", output("ldd", LENNE)):
            self.assertIn(self.owner(file), known)

    def owner(self, file: str) -> str:
        """Of a library: dpkg knows it by its own name, or by that without /usr."""
        real = os.path.realpath(file)
        for path in (file, real, real.removeprefix("/usr"), file.removeprefix("/usr")):
            found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
            if found.returncode == 0:
                return found.stdout.split(":")[0]
        raise AssertionError(f"no package has {file}")

    def test_it_builds_the_program_as_make_does(self):
        text = (DEPLOY / "Dockerfile").read_text()
        for line in ("RUN deploy/install-dependencies.sh run", "RUN cmake --preset release && cmake --build --preset release",
                     "COPY --from=build /src/build/release/lenne /usr/local/bin/lenne", f"USER {USER}:{USER}", 'ENTRYPOINT ["lenne"]'):
            self.assertIn(line, text.splitlines())
        self.assertEqual(re.findall(r"^FROM (\S+)", text, re.M), ["debian:12-slim"] * 2)
        self.assertIn(f"--uid {USER} ", text)
        for file in re.findall(r"^COPY (?!--from)(\S+)", text, re.M):
            self.assertTrue((ROOT / file).exists(), file)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
