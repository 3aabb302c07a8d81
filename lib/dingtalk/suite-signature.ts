import { createHmac } from "node:crypto";
import type { Redacted } from "@/lib/redacted";

/**
 * What signs a third-party app's calls of the older host: HMAC-SHA256 under the SuiteSecret over timestamp, line
 * end and suite ticket, in base64. Not yet escaped for an address.
 *
 * @param timestamp milliseconds since the epoch, as it is sent; DingTalk refuses one that is a minute off
 * @see docs/dingtalk/third-party-apps.md#suite-signature
 * @see docs/dingtalk/callback-test-vectors.md#vectors
 */
export const signSuite = (suiteSecret: Redacted, suiteTicket: Redacted, timestamp: string): string =>
  createHmac("sha256", suiteSecret.reveal()).update(`${timestamp}\n${suiteTicket.reveal()}`).digest("base64");
