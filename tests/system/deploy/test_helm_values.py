"""The values for Dagster's chart: no chart is here, but what it hands them to is.

The chart turns values into a `dagster.yaml`, pods of its services, and through the run launcher a
pod for each run. How it does so is written down here once more, for the values that are used; what
comes of it is checked by Dagster's and Kubernetes' own schemas.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._serdes import ConfigurableClassData
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import UserDefinedDagsterK8sConfig, construct_dagster_k8s_job
from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict
from kubernetes.client import (
    ApiClient,
    V1Deployment,
    V1PodSecurityContext,
    V1ResourceRequirements,
    V1SecurityContext,
    V1Service,
    V1Volume,
    V1VolumeMount,
)

from pipelines.dashboard.login.gate import HEALTH
from tests.system.deploy.deployment import DEPLOY, ROOT

VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text())
(CODE,) = VALUES["dagster-user-deployments"]["deployments"]
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
DAEMON = VALUES["dagsterDaemon"]
PODS = {"code": CODE, "daemon": DAEMON, "webserver": VALUES["dagsterWebserver"]}


def snake(told: Any) -> Any:
    """A value with its names as `dagster.yaml` writes them."""
    if isinstance(told, dict):
        return {re.sub("[A-Z]", lambda m: f"_{m[0].lower()}", k): snake(v) for k, v in told.items()}
    return told


def instance_settings() -> dict[str, Any]:
    """The `dagster.yaml` that the chart makes, but for launcher and storage."""
    return {
        "run_coordinator": {
            "module": "dagster.core.run_coordinator",
            "class": DAEMON["runCoordinator"]["type"],
            "config": snake(DAEMON["runCoordinator"]["config"]["queuedRunCoordinator"]),
        },
        "run_monitoring": snake(DAEMON["runMonitoring"]),
        "run_retries": snake(DAEMON["runRetries"]),
        "python_logs": snake(VALUES["pythonLogs"]),
        "telemetry": VALUES["telemetry"],
        "retention": snake({k: v for k, v in VALUES["retention"].items() if k != "enabled"}),
    }


@pytest.fixture
def launcher(tmp_path: Path) -> K8sRunLauncher:
    """The run launcher, for a cluster that is not there."""
    cluster = {"name": "none", "cluster": {"server": "http://127.0.0.1:9"}}
    context = {"name": "none", "context": {"cluster": "none", "user": "none"}}
    told = {"clusters": [cluster], "contexts": [context], "users": [{"name": "none", "user": {}}]}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump({**told, "current-context": "none"}))
    config = {
        "load_incluster_config": False,
        "kubeconfig_file": str(tmp_path / "kubeconfig"),
        "job_namespace": "default",
        "service_account_name": "playledger",
        "instance_config_map": "playledger-dagster-instance",
        "postgres_password_secret": VALUES["global"]["postgresqlSecretName"],
        "dagster_home": VALUES["global"]["dagsterHome"],
        "image_pull_policy": LAUNCHER["imagePullPolicy"],
        "resources": LAUNCHER["resources"],
        "security_context": LAUNCHER["securityContext"],
        "run_k8s_config": {
            "pod_spec_config": LAUNCHER["runK8sConfig"]["podSpecConfig"],
            "job_spec_config": LAUNCHER["runK8sConfig"]["jobSpecConfig"],
        },
    }
    data = ConfigurableClassData("dagster_k8s", "K8sRunLauncher", yaml.safe_dump(config))
    return data.rehydrate(as_type=K8sRunLauncher)


def pod_of_a_run(launcher: K8sRunLauncher) -> dict[str, Any]:
    """What Kubernetes is asked for when a run starts."""
    context = K8sContainerContext(
        security_context=launcher.security_context,
        run_k8s_config=UserDefinedDagsterK8sConfig.from_dict(launcher.run_k8s_config),
    ).merge(
        K8sContainerContext.create_from_config(
            {
                "k8s": {
                    "image_pull_policy": CODE["image"]["pullPolicy"],
                    "env_secrets": [secret["name"] for secret in CODE["envSecrets"]],
                    "volumes": CODE["volumes"],
                    "volume_mounts": CODE["volumeMounts"],
                    "resources": CODE["resources"],
                }
            }
        )
    )
    image = "{repository}:{tag}".format(**CODE["image"])
    job = construct_dagster_k8s_job(
        context.get_k8s_job_config(image, launcher),
        ["dagster", "api", "execute_run"],
        "playledger-run",
        user_defined_k8s_config=context.run_k8s_config,
    )
    pod: dict[str, Any] = ApiClient().sanitize_for_serialization(job)["spec"]["template"]["spec"]
    return pod


def test_the_settings_are_those_of_dagster(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(instance_settings()))
    told, _ = dagster_instance_config(str(tmp_path))
    assert told["telemetry"]["enabled"] is False
    ours = yaml.safe_load((ROOT / "dagster.yaml").read_text())["retention"]
    for kind in ("schedule", "sensor"):
        kept = {**told["retention"][kind]["purge_after_days"]}
        assert kept.pop("started") == -1
        assert kept == ours[kind]["purge_after_days"]


def test_a_runs_pod_has_logins_listeners_and_credentials_and_is_not_root(
    launcher: K8sRunLauncher,
) -> None:
    pod = pod_of_a_run(launcher)
    (container,) = pod["containers"]
    assert container["image"] == "registry.example.internal/playledger:1.0.0"
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"/data/tokens", "/etc/playledger"} <= mounted
    assert {"secretRef": {"name": "playledger"}} in container["envFrom"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", PODS)
def test_a_services_pod_is_one_that_kubernetes_knows(name: str) -> None:
    told = PODS[name]
    kinds = {"podSecurityContext": V1PodSecurityContext, "securityContext": V1SecurityContext}
    for key, kind in kinds.items():
        understood(kind, told[key])
    for key, kind in {"volumes": V1Volume, "volumeMounts": V1VolumeMount}.items():
        for one in told.get(key, []):
            understood(kind, one)
    understood(V1ResourceRequirements, told.get("resources", {}))
    assert set(told["image"]) == {"repository", "tag", "pullPolicy"}


def understood(kind: type, told: dict[str, Any]) -> None:
    """Fails where Kubernetes has no such field."""
    k8s_model_from_dict(kind, k8s_snake_case_dict(kind, told))


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    """The dashboard's deployment, as Kubernetes takes it; fails where it knows no such field."""
    [deployment, service] = yaml.safe_load_all((DEPLOY / "helm/dashboard.yaml").read_text())
    for kind, told in ((V1Deployment, deployment), (V1Service, service)):
        understood(kind, {k: v for k, v in told.items() if k not in {"apiVersion", "kind"}})
    assert deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    return deployment["spec"]["template"]["spec"]


def test_the_dashboards_pod_has_what_runs_have_and_is_as_restricted(
    dashboard: dict[str, Any],
) -> None:
    (container,) = dashboard["containers"]
    env = {one["name"]: one["value"] for one in container["env"]}
    assert env.pop("DAGSTER_WEBSERVER_URL") == "http://playledger-dagster-webserver"
    assert env == CODE["env"]
    assert container["envFrom"] == [{"secretRef": secret} for secret in CODE["envSecrets"]]
    temporary = {"name": "tmp", "emptyDir": {}}
    assert dashboard["volumes"] == [*CODE["volumes"], temporary]
    assert container["volumeMounts"] == [
        *CODE["volumeMounts"],
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 the pod's own
    ]
    assert dashboard["securityContext"] == CODE["podSecurityContext"]
    assert CODE["securityContext"].items() <= container["securityContext"].items()
    assert container["image"].endswith(f"-dashboard:{CODE['image']['tag']}")


def test_the_dashboards_pod_is_asked_for_its_health_where_it_listens(
    dashboard: dict[str, Any],
) -> None:
    (container,) = dashboard["containers"]
    [port] = container["ports"]
    assert container["command"][-1] == str(port["containerPort"])
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": HEALTH, "port": port["name"]}


def test_nobody_reaches_the_webserver_from_outside_and_no_password_stands_in_the_file() -> None:
    assert VALUES["ingress"]["enabled"] is False
    assert "service" not in VALUES["dagsterWebserver"]
    text = (DEPLOY / "helm" / "values.yaml").read_text()
    assert not re.search(r"(?i)(password|secret_key|client_secret|alert_urls): *\S", text)
