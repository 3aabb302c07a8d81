import { randomBytes } from "node:crypto";
import type { Clock } from "../clock";
import { encrypt, makeAesKey, sign } from "./callback-crypto";
import { checkReply, failed, type ReplyCheck, type ReplyRules } from "./check-reply";
import type { EventOptions } from "./event-options";

/** A signed and encrypted request to an app. */
export type CallbackRequest = { readonly url: string; readonly body: string };

/** Content of a request, and keys that the app shares with DingTalk. */
export type CallbackContent = {
  readonly url: string;
  readonly token: string;
  readonly aesKey: string;
  readonly ownerKey: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
} & Pick<EventOptions, "corruption" | "signatureParameters">;

/**
 * Encrypts and signs a request.
 *
 * @see docs/dingtalk/callbacks.md#request
 */
export function makeCallbackRequest(content: CallbackContent): CallbackRequest {
  const { corruption, signatureParameters } = content;
  const encrypted = encryptContent(content);
  const timestamp = String(content.timestamp);
  const nonce = randomBytes(6).toString("base64url").replaceAll(/[-_]/g, "x");
  const token = corruption === "wrong_token" ? `${content.token}x` : content.token;
  const signature = sign({ token, timestamp, nonce, encrypted });
  const sent = corruption === "tampered_signature" ? flipFirst(signature) : signature;
  const url = new URL(content.url);
  if (signatureParameters !== "msg_signature") url.searchParams.set("signature", sent);
  if (signatureParameters !== "signature") url.searchParams.set("msg_signature", sent);
  url.searchParams.set("timestamp", timestamp);
  url.searchParams.set("nonce", nonce);
  const body = corruption === "tampered_message" ? tamper(encrypted) : encrypted;
  return { url: url.href, body: JSON.stringify({ encrypt: body }) };
}

function encryptContent({ aesKey, ownerKey, message, corruption }: CallbackContent): string {
  const key = corruption === "wrong_aes_key" ? makeAesKey() : aesKey;
  const owner = corruption === "wrong_owner_key" ? `${ownerKey}x` : ownerKey;
  // A length beyond the end of the message. A receiver that trusts the field reads outside of its buffer.
  return encrypt(key, { message, ownerKey: owner }, corruption === "wrong_length" ? { length: 2 ** 31 } : {});
}

const flipFirst = (text: string): string => `${text.startsWith("a") ? "b" : "a"}${text.slice(1)}`;

/**
 * Changes the first letter of `EventType` in the message. With CBC, a bit of the first block flips the same bit of the second
 * block, so that only the signature tells the change.
 */
function tamper(encrypted: string): string {
  const bytes = Buffer.from(encrypted, "base64");
  bytes.writeUInt8(bytes.readUInt8(TAMPERED_BYTE) ^ 4, TAMPERED_BYTE);
  return bytes.toString("base64");
}

/** The E of `{"EventType"` is the seventh byte of the second block, after the length and two characters. */
const TAMPERED_BYTE = 6;

type Sending = {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Aborted when the simulator closes. */
  readonly signal: AbortSignal;
  readonly rules: ReplyRules;
};

/** Sends a request, and checks its reply. The deadline runs on the simulator's clock. */
export async function sendCallback(
  { url, body }: CallbackRequest,
  { clock, deadlineMs, signal, rules }: Sending,
): Promise<ReplyCheck> {
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => deadline.abort());
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.any([deadline.signal, signal]),
    });
    return checkReply(response.status, await response.text(), rules);
  } catch (error) {
    if (deadline.signal.aborted) return failed("timeout", `no reply within ${deadlineMs} ms`);
    return failed("unreachable", causeOf(error));
  } finally {
    cancel();
  }
}

/** Returns the code of a network error, such as `ECONNREFUSED`. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "the connection failed";
}
