import { z } from "zod";
import type { JsonValue } from "@/lib/dingtalk/read-json";

const INT64_MAX = 2n ** 63n - 1n;
const QUERY_CHARACTERS_MAX = 128;

const DIGITS = /^(?:0|-?[1-9]\d{0,18})$/;

function isDepartmentId(text: string): boolean {
  if (!DIGITS.test(text)) return false;
  const value = BigInt(text);
  return value <= INT64_MAX && value >= -INT64_MAX;
}

/** A department's id as it travels: digits as text, in one form only, since DingTalk's numbers may pass 2^53. */
export const departmentId = z.string().refine(isDepartmentId);

/** The run after which the directory is looked at. */
export const atRun = z.uuid().optional();

/** Without `parent` the roots. `include` is one child that is wanted too, however far down it stands. */
export const childrenQuery = z.object({
  parent: departmentId.optional(),
  after: departmentId.optional(),
  include: departmentId.optional(),
  at: atRun,
});

export const searchText = z.string().trim().min(1).max(QUERY_CHARACTERS_MAX);

export const searchQuery = z.object({
  q: searchText,
  /** `1` finds what was removed too. */
  removed: z.literal("1").optional(),
  /** Of departments and of members, each. */
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

export const nodeQuery = z.object({ id: departmentId, at: atRun });

/** One row of the tree. */
export type Child = {
  readonly id: string;
  readonly name: string;
  /** From 1, among all its siblings. */
  readonly position: number;
  readonly hasChildren: boolean;
  /** Among the hits of a search: it isn't there any more. */
  readonly isRemoved?: boolean;
  /** It is no hit itself, and stands above one. */
  readonly isOnTheWay?: boolean;
  /** In it and below it; left out where there are none, and in the past, for which nobody counted them. */
  readonly people?: number;
};

/** Some of a department's children, in their order, and how many there are in all. */
export type ChildPage = { readonly items: readonly Child[]; readonly total: number };

/** Somebody who is named; `null` for the name of who isn't, or wasn't, in the directory. */
export type NamedMember = { readonly id: string; readonly name: string | null };

export type Step = {
  readonly id: string;
  readonly name: string;
  /** On the way to what was removed: this is removed too. */
  readonly isRemoved?: boolean;
};

/** What the detail panel shows. Times are ISO 8601, for they cross to the browser. */
export type DepartmentDetail = Step & {
  /** Its ancestors and itself, from the root down. */
  readonly path: readonly Step[];
  readonly parentId: string | null;
  readonly childCount: number;
  readonly directPeople: number;
  /** In it and below it; `null` in the past, for which nobody counted them. */
  readonly allPeople: number | null;
  readonly managers: readonly NamedMember[];
  /** The rest of what only `department/get` tells, by DingTalk's names; `null` while it was not asked. */
  readonly details: Readonly<Record<string, JsonValue>> | null;
  /** When it was asked. */
  readonly detailsAt: string | null;
  /** Fields that we don't know, as they came. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  /** Restored by hand, and kept since then. */
  readonly keptAt: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: string;
  /** When the last complete run ended: nothing is written for each row. */
  readonly lastSeenAt: string | null;
};

/** What the panel shows of what is not there any more. */
export type RemovedDetail = Step & {
  readonly removed: {
    readonly at: string;
    /** It can be restored until then; `null`: not any more. */
    readonly until: string | null;
    /** Of a member: since when nothing else is known of them. */
    readonly erasedAt: string | null;
    /** Where it stood, from the root down: a department with itself, a member with each of their departments. */
    readonly paths: readonly (readonly Step[])[];
    /** What comes back with a department, if that is wanted. */
    readonly below: { readonly departments: number; readonly members: number };
  };
};

export type FoundNode = Step & { readonly parentId: string | null; readonly isRemoved: boolean };

/** A person that a search found. */
export type FoundMember = {
  /** DingTalk's userid. */
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly isRemoved: boolean;
  /** The first of their departments, each with the names on the way there, its own the last. */
  readonly departments: readonly { readonly id: string; readonly path: readonly string[] }[];
  readonly departmentCount: number;
};

type Counted = {
  /** Of all hits, of which the first 200 may be given. */
  readonly total: number;
  /** There are more than `total`, which weren't counted. */
  readonly isMore: boolean;
};

/** The hits of a search, the departments with their ancestors, siblings in the tree's order. */
export type Found = Counted & {
  readonly outcome: "found";
  readonly nodes: readonly FoundNode[];
  /** Of departments, the best first. */
  readonly hitIds: readonly string[];
  readonly members: Counted & { readonly hits: readonly FoundMember[] };
};

/** What the search's route answers. */
export type SearchAnswer = Found | { readonly outcome: "too_slow" };
