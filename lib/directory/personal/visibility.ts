import "server-only";
import type { ClientBase } from "pg";
import { type Actor, may } from "@/lib/auth/actor";
import type { PersonalValues } from "@/lib/dingtalk/members";
import { maskPersonal } from "./mask-values";
import { keepsPersonal } from "./storage-setting";

/** The right to read personal values, or to see them masked; `null` for neither (S33). */
export type PersonalAccess = Actor<"directory.readPersonal"> | "masked" | null;

/** Why personal values are present, masked or absent. The machine API returns these words. */
export type PersonalVisibility = "told" | "masked" | "not_collected" | "not_allowed";

export async function readPersonalVisibility(
  {
    client,
    scope: [organizationId],
  }: { readonly client: ClientBase; readonly scope: readonly [string, string] },
  access: PersonalAccess,
): Promise<PersonalVisibility> {
  if (access === null) return "not_allowed";
  if (!(await keepsPersonal(client, { organizationId }))) return "not_collected";
  return access === "masked" ? "masked" : "told";
}

/** Returns personal values, masked unless the actor may read them (S33). */
export const maskUnlessAllowed = (actor: Actor<"directory.read">, values: PersonalValues): PersonalValues =>
  may(actor, "directory.readPersonal") ? values : maskPersonal(values);
