"""The keys of a Wrangler config, as data: where each may stand and what becomes of it here.

*Inheritable* keys apply to every named environment that does not set its own; *repeated* ones
(Wrangler: non-inheritable) must be written again in each; *top-level* ones stand outside of
environments only. *Read* keys have an effect, *ignored* ones have none in local development (or
only for JavaScript), *unsupported* ones would have one and lead to a warning, unless a binding
parser is registered for them.
Source: workers-sdk, wrangler's config types, and the developer docs, "Wrangler > Configuration".
"""

from __future__ import annotations

from typing import Final


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


INHERITABLE_READ: Final = _keys(
    """
    name main compatibility_date compatibility_flags rules base_dir find_additional_modules
    preserve_file_names python_modules build route routes triggers migrations exports limits
    observability
    """
)
INHERITABLE_IGNORED: Final = _keys(
    """
    no_bundle minify keep_names tsconfig jsx_factory jsx_fragment upload_source_maps
    account_id placement workers_dev preview_urls logpush compliance_region previews
    first_party_worker
    """
)
INHERITABLE_UNSUPPORTED: Final = _keys("assets logfwdr access cache")

REPEATED_READ: Final = _keys("secrets")
REPEATED_IGNORED: Final = _keys("define")
REPEATED_UNSUPPORTED: Final = _keys(
    """
    vars durable_objects kv_namespaces r2_buckets d1_databases queues workflows services
    send_email analytics_engine_datasets ratelimits hyperdrive secrets_store_secrets
    version_metadata ai browser images media stream websearch vectorize mtls_certificates
    dispatch_namespaces pipelines worker_loaders vpc_services vpc_networks artifacts
    flagship ai_search ai_search_namespaces agent_memory tail_consumers
    streaming_tail_consumers containers cloudchamber connect unsafe unsafe_hello_world
    """
)

TOP_LEVEL_READ: Final = _keys("dev env node_compat legacy_env")
TOP_LEVEL_IGNORED: Final = _keys(
    """
    $schema alias keep_vars send_metrics dependencies_instrumentation
    """
)
TOP_LEVEL_UNSUPPORTED: Final = _keys(
    """
    site wasm_modules text_blobs data_blobs addresses pages_build_output_dir
    """
)

INHERITABLE: Final = INHERITABLE_READ | INHERITABLE_IGNORED | INHERITABLE_UNSUPPORTED
REPEATED: Final = REPEATED_READ | REPEATED_IGNORED | REPEATED_UNSUPPORTED
TOP_LEVEL: Final = TOP_LEVEL_READ | TOP_LEVEL_IGNORED | TOP_LEVEL_UNSUPPORTED
UNSUPPORTED: Final = INHERITABLE_UNSUPPORTED | REPEATED_UNSUPPORTED | TOP_LEVEL_UNSUPPORTED

KEYS_OF_ENVIRONMENT: Final = INHERITABLE | REPEATED
KEYS_OF_TOP_LEVEL: Final = KEYS_OF_ENVIRONMENT | TOP_LEVEL

KEYS_OF_DEV: Final = _keys(
    """
    ip port inspector_port inspector_ip local_protocol upstream_protocol host
    enable_containers container_engine generate_types
    """
)
KEYS_OF_OBSERVABILITY: Final = _keys("enabled head_sampling_rate logs traces")
KEYS_OF_OBSERVABILITY_LOGS: Final = _keys(
    """
    enabled head_sampling_rate invocation_logs persist destinations
    """
)
KEYS_OF_OBSERVABILITY_TRACES: Final = _keys(
    """
    enabled head_sampling_rate persist destinations propagation_policy
    """
)
KEYS_OF_LIMITS: Final = _keys("cpu_ms subrequests")
KEYS_OF_BUILD: Final = _keys("command cwd watch_dir")
MODULE_TYPES: Final = (
    "ESModule",
    "CommonJS",
    "CompiledWasm",
    "Text",
    "Data",
    "PythonModule",
    "PythonRequirement",
)
