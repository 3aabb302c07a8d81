import "server-only";
import { env } from "@/lib/env";

/** Returns this server's outgoing IP addresses as configured, to be entered in an app's allowlist at DingTalk. */
export const egressAddresses = (): readonly string[] => env().EGRESS_ADDRESSES;
