import { AppError } from "@/lib/errors";
import { LEAST_ROLE, type Permission } from "./permissions";
import { isAtLeast, type Role } from "./role";
import type { PermissionOf, Scope } from "./scopes";

declare const granted: unique symbol;

/**
 * A caller whose permission was checked. The compiler rejects an actor without the permission that a function needs.
 */
export type Actor<P extends Permission = never> = {
  readonly organizationId: string;
  /** `null` for a key. */
  readonly role: Role | null;
  /** `null` for a key. */
  readonly userId: string | null;
  /** `null` for a user. */
  readonly keyId: string | null;
  readonly [granted]: (permission: P) => void;
};

export type Caller = Pick<Actor, "organizationId"> & { readonly role: Role; readonly userId: string | null };

export function may({ role }: Pick<Actor, "role">, permission: Permission): boolean {
  const least = LEAST_ROLE[permission];
  return role !== null && least !== null && isAtLeast(role, least);
}

/** @throws {AppError} `forbidden` when the role is too low */
export function grant<P extends Permission>(caller: Caller, permission: P): Actor<P> {
  if (!may(caller, permission))
    throw new AppError("forbidden", `role ${caller.role} lacks permission ${permission}`);
  const { organizationId, role, userId } = caller;
  // `[granted]` exists only in the type.
  return { organizationId, role, userId, keyId: null } as Actor<P>;
}

/** Grants a user a further permission. @returns `null` if the role is too low, and for a key */
export const grantIfAllowed = <P extends Permission>(actor: Actor, permission: P): Actor<P> | null =>
  may(actor, permission) ? (actor as unknown as Actor<P>) : null;

export type KeyCaller = {
  readonly organizationId: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<string>;
};

/** @throws {AppError} `forbidden`, naming the missing scope */
export function grantToKey<S extends Scope>(key: KeyCaller, scope: S): Actor<PermissionOf<S>> {
  if (!key.scopes.has(scope)) throw new AppError("forbidden", `the key lacks ${scope}`, { detail: scope });
  const { organizationId, keyId } = key;
  return { organizationId, role: null, userId: null, keyId } as Actor<PermissionOf<S>>;
}

export const grantToKeyIfAllowed = <S extends Scope>(
  key: KeyCaller,
  scope: S,
): Actor<PermissionOf<S>> | null => (key.scopes.has(scope) ? grantToKey(key, scope) : null);
