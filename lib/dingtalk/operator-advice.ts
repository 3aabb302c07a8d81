import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";

const WRONG_ADDRESS = "DINGTALK_OAPI_URL and DINGTALK_API_URL";
const NETWORK = "check the firewall, port 443 outward, the proxy";

const ADVICE_BY_KIND: Partial<Record<DingtalkErrorKind, string>> = {
  host_unresolved: `check DNS and the host's spelling in ${WRONG_ADDRESS}`,
  unreachable: NETWORK,
  timeout: NETWORK,
  tls_failed: "check this server's clock, an intercepting proxy, the CA certificates",
  not_dingtalk: `check for a proxy or a sign-in page in between, and ${WRONG_ADDRESS}`,
  wrong_host: `check ${WRONG_ADDRESS}`,
  signature_refused: "check this server's clock (over a minute off?), then the SuiteSecret",
};

/** Returns advice for the server's operator, for the log; `null` if the operator can't fix the failure. */
export function operatorAdvice(kind: DingtalkErrorKind, scope: DingtalkThrottleScope | null): string | null {
  if (scope === "ip_corps") return "spread the organizations over more egress addresses";
  return ADVICE_BY_KIND[kind] ?? null;
}
