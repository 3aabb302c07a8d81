import { createHash } from "node:crypto";
import { isPlainText } from "@/lib/plain-text";

type Kind = "user" | "group";

const MARK_BYTES = 8;

const markOf = (kind: Kind, appId: string, of: string): Buffer =>
  createHash("sha256").update(`${kind}/${appId}/${of}`).digest().subarray(0, MARK_BYTES);

/**
 * The id of a resource: always the same for one app's member or department, and another one in another app. It is to be
 * looked up by nothing but itself, so it holds what it names.
 */
export const toScimId = (kind: Kind, appId: string, of: string): string =>
  Buffer.concat([markOf(kind, appId, of), Buffer.from(of)]).toString("base64url");

/** @returns the userid or the department's id; `null` for what is no id of that app's */
export function fromScimId(kind: Kind, appId: string, id: string): string | null {
  const bytes = Buffer.from(id, "base64url");
  const of = bytes.subarray(MARK_BYTES).toString();
  return of !== "" && isPlainText(of) && toScimId(kind, appId, of) === id ? of : null;
}
