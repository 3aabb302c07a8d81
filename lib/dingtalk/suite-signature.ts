import { createHmac } from "node:crypto";
import type { Redacted } from "@/lib/redacted";

/**
 * Signs a third-party app's calls of the older host: HMAC-SHA256 with the SuiteSecret over timestamp, newline and
 * suite ticket, in base64, not URL-encoded.
 *
 * @param timestamp milliseconds since the epoch, as sent; DingTalk refuses a difference of a minute
 * @see docs/dingtalk/third-party-apps.md#suite-signature
 */
export const signSuite = (suiteSecret: Redacted, suiteTicket: Redacted, timestamp: string): string =>
  createHmac("sha256", suiteSecret.reveal()).update(`${timestamp}\n${suiteTicket.reveal()}`).digest("base64");
