import { AppError } from "@/lib/errors";
import { LEAST_ROLE, type Permission } from "./permissions";
import { isAtLeast, type Role } from "./role";

declare const granted: unique symbol;

/**
 * Who is calling, in which organization: the proof that somebody asked. A function that takes an
 * `Actor<"x">` can't be called by anyone of whom the edge did not find out that they may do x, for the
 * compiler refuses an actor with less.
 */
export type Actor<P extends Permission = never> = {
  readonly organizationId: string;
  readonly role: Role;
  /** The person; `null` when the system acts, in a job. */
  readonly userId: string | null;
  readonly [granted]: (permission: P) => void;
};

/** What the membership says, before anything was asked of it. */
export type Caller = Pick<Actor, "organizationId" | "role" | "userId">;

export const may = ({ role }: Pick<Caller, "role">, permission: Permission): boolean =>
  isAtLeast(role, LEAST_ROLE[permission]);

/** @throws {AppError} `forbidden` when the role is too low for it */
export function grant<P extends Permission>(caller: Caller, permission: P): Actor<P> {
  if (!may(caller, permission)) throw new AppError("forbidden", `a ${caller.role} may not ${permission}`);
  const { organizationId, role, userId } = caller;
  // The only place where an actor is made: the mark exists for the compiler alone.
  return { organizationId, role, userId } as Actor<P>;
}
