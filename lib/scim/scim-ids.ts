import { createHash } from "node:crypto";
import { isPlainText } from "@/lib/plain-text";

type Kind = "user" | "group";

const MARK_BYTES = 8;

const markOf = (kind: Kind, appId: string, of: string): Buffer =>
  createHash("sha256").update(`${kind}/${appId}/${of}`).digest().subarray(0, MARK_BYTES);

/** Returns a stable id that is unique across apps. It contains DingTalk's id, so that no stored mapping is needed. */
export const toScimId = (kind: Kind, appId: string, of: string): string =>
  Buffer.concat([markOf(kind, appId, of), Buffer.from(of)]).toString("base64url");

/** @returns the userid or the department id; `null` for an id that isn't of this app and kind */
export function fromScimId(kind: Kind, appId: string, id: string): string | null {
  const bytes = Buffer.from(id, "base64url");
  const of = bytes.subarray(MARK_BYTES).toString();
  return of !== "" && isPlainText(of) && toScimId(kind, appId, of) === id ? of : null;
}
