import { z } from "zod";
import type { PersonalField } from "@/lib/dingtalk/members";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { atRun, departmentId, userId } from "../ids";
import { type Step } from "../reader/paths";

export const membersQuery = z.object({ department: departmentId, after: userId.optional(), at: atRun });
export const memberQuery = z.object({ id: userId, at: atRun });

export type SeatedMember = {
  readonly id: string;
  readonly name: string;
  /** The title in this department, otherwise in the organization. */
  readonly title: string | null;
  readonly isLeader: boolean;
  readonly isActive: boolean | null;
};

export type MemberPage = { readonly items: readonly SeatedMember[]; readonly total: number };

export type Seat = {
  readonly departmentId: string;
  /** From the root; empty for a department that isn't in the directory. */
  readonly path: readonly Step[];
  readonly title: string | null;
  readonly isLeader: boolean | null;
  /** Decimal text. */
  readonly order: string | null;
};

/** A member of another app's directory who is the same person. */
export type LinkedMember = {
  readonly appId: string;
  readonly appName: string;
  readonly id: string;
  readonly name: string;
};

export type ShownPersonal = readonly (readonly [PersonalField, JsonValue])[];

/** A member in the detail panel. Times are ISO 8601 because the browser receives them as JSON. */
export type MemberDetail = {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly seats: readonly Seat[];
  /** Fields that past versions don't keep; `null` for the past. */
  readonly now: {
    readonly unionId: string | null;
    readonly isAdmin: boolean | null;
    readonly isBoss: boolean | null;
    readonly isExclusive: boolean | null;
    readonly hidesMobile: boolean | null;
    /** Names of fields that Dingkeep has no column for. */
    readonly otherFields: readonly string[];
    readonly firstSeenAt: string;
    readonly changedAt: string;
    /** When the member was restored by hand, which exempts them from removal. */
    readonly keptAt: string | null;
    readonly linked: readonly LinkedMember[];
    /** `null` when the organization doesn't store personal values; masked for actors who may not read them. */
    readonly personal: ShownPersonal | null;
  } | null;
};
