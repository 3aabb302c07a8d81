import { DecryptionError, decrypt, type Opened, sign } from "./callback-crypto";

/** Reasons for which a push counts as failed. */
export type ReplyFailure =
  | "unreachable"
  | "timeout"
  | "status"
  | "not_json"
  | "missing_key"
  | "wrong_signature"
  | "not_decryptable"
  | "wrong_owner_key"
  | "wrong_text";

export type ReplyCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: ReplyFailure; readonly detail: string };

export const failed = (reason: ReplyFailure, detail: string): ReplyCheck => ({ ok: false, reason, detail });

/** Expected content of a reply. */
export type ReplyRules = {
  readonly token: string;
  readonly aesKey: string;
  readonly ownerKey: string;
  /** Accepted texts of the decrypted message. */
  readonly texts: readonly string[];
};

const REPLY_KEYS = ["msg_signature", "timeStamp", "nonce", "encrypt"] as const;

/**
 * Checks an app's reply to a push as strictly as DingTalk does.
 *
 * @see docs/dingtalk/callbacks.md#reply
 */
export function checkReply(status: number, body: string, rules: ReplyRules): ReplyCheck {
  if (status !== 200) return failed("status", `HTTP ${status}`);
  const reply = parseObject(body);
  if (!reply) return failed("not_json", "the body is not a JSON object");
  const missing = REPLY_KEYS.find((key) => typeof reply[key] !== "string" || reply[key] === "");
  if (missing) return failed("missing_key", `${missing} is not a text`);
  const { msg_signature: signature, timeStamp, nonce, encrypt } = reply as Record<string, string>;
  const expected = sign({
    token: rules.token,
    timestamp: timeStamp ?? "",
    nonce: nonce ?? "",
    encrypted: encrypt ?? "",
  });
  if (signature !== expected) return failed("wrong_signature", "msg_signature does not match");
  return checkMessage(encrypt ?? "", rules);
}

function parseObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function checkMessage(encrypted: string, { aesKey, ownerKey, texts }: ReplyRules): ReplyCheck {
  let opened: Opened;
  try {
    opened = decrypt(aesKey, encrypted);
  } catch (error) {
    if (error instanceof DecryptionError) return failed("not_decryptable", error.message);
    throw error;
  }
  if (opened.ownerKey !== ownerKey) return failed("wrong_owner_key", `the owner key is ${opened.ownerKey}`);
  if (!texts.includes(opened.message)) {
    return failed("wrong_text", `the text is ${opened.message.slice(0, 50)}`);
  }
  return { ok: true };
}
