import { AppError } from "@/lib/errors";
import { LEAST_ROLE, type Permission } from "./permissions";
import { isAtLeast, type Role } from "./role";
import type { PermissionOf, Scope } from "./scopes";

declare const granted: unique symbol;

/**
 * Who is calling, in which organization: the proof that somebody asked. A function that takes an
 * `Actor<"x">` can't be called by anyone of whom the edge did not find out that they may do x, for the
 * compiler refuses an actor with less.
 */
export type Actor<P extends Permission = never> = {
  readonly organizationId: string;
  /** The person's; `null` for a key. */
  readonly role: Role | null;
  /** The person; `null` when a key calls. */
  readonly userId: string | null;
  /** The key that calls; `null` for a person. */
  readonly keyId: string | null;
  readonly [granted]: (permission: P) => void;
};

/** What the membership says, before anything was asked of it. */
export type Caller = Pick<Actor, "organizationId"> & { readonly role: Role; readonly userId: string | null };

export function may({ role }: Pick<Actor, "role">, permission: Permission): boolean {
  const least = LEAST_ROLE[permission];
  return role !== null && least !== null && isAtLeast(role, least);
}

/** @throws {AppError} `forbidden` when the role is too low for it */
export function grant<P extends Permission>(caller: Caller, permission: P): Actor<P> {
  if (!may(caller, permission)) throw new AppError("forbidden", `a ${caller.role} may not ${permission}`);
  const { organizationId, role, userId } = caller;
  // With the next one the only places where an actor is made: the mark exists for the compiler alone.
  return { organizationId, role, userId, keyId: null } as Actor<P>;
}

/** The same person with what they may do besides. @returns `null` when their role is too low for it, and for a key */
export const mayAlso = <P extends Permission>(actor: Actor, permission: P): Actor<P> | null =>
  may(actor, permission) ? (actor as unknown as Actor<P>) : null;

/** What a key is, before anything was asked of it. */
export type KeyCaller = {
  readonly organizationId: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<string>;
};

/** @throws {AppError} `forbidden`, naming the scope, when the key doesn't have it */
export function grantToKey<S extends Scope>(key: KeyCaller, scope: S): Actor<PermissionOf<S>> {
  if (!key.scopes.has(scope)) throw new AppError("forbidden", `the key lacks ${scope}`, { detail: scope });
  const { organizationId, keyId } = key;
  return { organizationId, role: null, userId: null, keyId } as Actor<PermissionOf<S>>;
}

/** The same for what is only more than the route needs. @returns `null` for a key without the scope */
export const grantToKeyIfMay = <S extends Scope>(key: KeyCaller, scope: S): Actor<PermissionOf<S>> | null =>
  key.scopes.has(scope) ? grantToKey(key, scope) : null;
