import { isUtf8 } from "node:buffer";
import { isPlainText } from "@/lib/plain-text";
import { isGatewayAddress } from "./machine-paths";

/** Next gets this path for every gateway request, because it would decode the original or redirect a `//`. */
const GATEWAY_ROUTE = "/dingtalk/call";

export function isDecodable(raw: string): boolean {
  try {
    return isPlainText(decodeURIComponent(raw.split("?", 1)[0] ?? ""));
  } catch {
    return false;
  }
}

/** Requires UTF-8 without NUL, because `URLSearchParams` silently replaces other bytes. A stray `%` is allowed. */
export function isPlainAddress(raw: string): boolean {
  // Node decodes a path's bytes as Latin-1.
  const text = raw.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) && !bytes.includes(0);
}

const MACHINE_PREFIXES = ["/api/v1/", "/scim/v2/"];

export function addressForNext(raw: string): string {
  if (isGatewayAddress(raw)) return GATEWAY_ROUTE;
  const prefix = MACHINE_PREFIXES.find((one) => raw.startsWith(one));
  return prefix !== undefined && !isDecodable(raw) ? `${prefix}-` : raw;
}
