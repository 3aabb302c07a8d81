import { err, ok, type Result } from "@/lib/result";
import { call, type DingtalkCaller } from "./call";
import type { Dingtalk } from "./client";
import { ROOT_DEPARTMENT_ID } from "./department-id";
import { fieldOf, idOf, listOf, objectOf, positiveIdOf, textsOf } from "./read-fields";
import type { JsonObject } from "./read-json";

export type ContactScopes = {
  /** Roots of a sync; `["1"]` only if the whole organization is granted. */
  readonly departmentIds: readonly string[];
  readonly userIds: readonly string[];
  /** Fields of members, in the older API's spelling. */
  readonly userFields: readonly string[];
};

/**
 * Reads the app's contact scope: `GET /auth/scopes`. The call needs only the base permission, so it also proves that
 * a token works.
 *
 * An answer without a list of departments is refused. Read as an empty scope, it would look as if the whole directory
 * had been deleted.
 *
 * @see docs/dingtalk/permissions-and-scopes.md#contact-scope
 */
export async function getScopes(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  signal?: AbortSignal,
): Promise<ContactScopes> {
  return call(
    dingtalk,
    { host: "oapi", api: "auth/scopes", method: "GET", ...caller, read: toScopes },
    signal,
  );
}

function toScopes(answer: JsonObject): Result<ContactScopes, string> {
  const granted = objectOf(fieldOf(answer, "auth_org_scopes"));
  if (granted === null) return err("auth_org_scopes");
  const departments = listOf(fieldOf(granted, "authed_dept"));
  if (departments === null || departments.some((id) => idOf(id) === null)) {
    return err("auth_org_scopes.authed_dept");
  }
  return ok({
    departmentIds: departments.map(positiveIdOf).filter((id) => id !== null),
    userIds: textsOf(fieldOf(granted, "authed_user")),
    userFields: textsOf(fieldOf(answer, "auth_user_field")),
  });
}

const ROOTS_SHOWN = 5;

/** Returns the first department of the authorized scope; the root department without any. */
export const firstDepartmentOf = (scopes: ContactScopes | null): string =>
  scopes?.departmentIds[0] ?? ROOT_DEPARTMENT_ID;

export type PartialScope = { readonly departments: number; readonly members: number; readonly roots: string };

/** Describes a partial scope; returns `null` if the scope is the whole organization. */
export function describePartialScope({ departmentIds, userIds }: ContactScopes): PartialScope | null {
  if (departmentIds.includes(ROOT_DEPARTMENT_ID)) return null;
  const roots = departmentIds.slice(0, ROOTS_SHOWN).join(", ");
  return { departments: departmentIds.length, members: userIds.length, roots };
}
