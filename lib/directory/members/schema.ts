import { z } from "zod";
import type { PersonalField } from "@/lib/dingtalk/members";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { atRun, departmentId, userId } from "../ids";
import { type Step } from "../reader/paths";

export const membersQuery = z.object({ department: departmentId, after: userId.optional(), at: atRun });
export const memberQuery = z.object({ id: userId, at: atRun });

/** Somebody as a department's list shows them. */
export type SeatedMember = {
  /** DingTalk's userid. */
  readonly id: string;
  readonly name: string;
  /** In this department, else in the organization. */
  readonly title: string | null;
  readonly isLeader: boolean;
  readonly isActive: boolean | null;
};

export type MemberPage = { readonly items: readonly SeatedMember[]; readonly total: number };

/** Where somebody sits. */
export type Seat = {
  readonly departmentId: string;
  /** From the root down; empty for a department that isn't in the directory. */
  readonly path: readonly Step[];
  readonly title: string | null;
  readonly isLeader: boolean | null;
  /** Decimal text. */
  readonly order: string | null;
};

/** The same person in another app's directory. */
export type LinkedMember = {
  readonly appId: string;
  readonly appName: string;
  readonly id: string;
  readonly name: string;
};

export type ShownPersonal = readonly (readonly [PersonalField, JsonValue])[];

/** What the panel shows of somebody. Times are ISO 8601, for they cross to the browser. */
export type MemberDetail = {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly seats: readonly Seat[];
  /** What only the present knows. */
  readonly now: {
    readonly unionId: string | null;
    readonly isAdmin: boolean | null;
    readonly isBoss: boolean | null;
    readonly isExclusive: boolean | null;
    readonly hidesMobile: boolean | null;
    /** Names of fields that we don't know. */
    readonly otherFields: readonly string[];
    readonly firstSeenAt: string;
    readonly changedAt: string;
    /** Restored by hand, and kept since then. */
    readonly keptAt: string | null;
    readonly linked: readonly LinkedMember[];
    /** What is personal: `null` where the organization keeps nothing of it. Masked for who may not read it. */
    readonly personal: ShownPersonal | null;
  } | null;
};
