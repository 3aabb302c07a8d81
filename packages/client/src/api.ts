// Made by `npm run client-types` from the OpenAPI document. A test compares the two.

export type App = {
  readonly id: string;
  readonly kind: "internal" | "unified" | "isv";
  readonly name: string;
  /** A third-party app's SuiteKey. */
  readonly appKey: string;
  readonly corpId: string | null;
  readonly agentId: string | null;
  readonly state: "draft" | "verified" | "degraded" | "broken" | "disabled";
  readonly stateSince: string;
  readonly stateReason: StateReason | null;
  readonly verifiedAt: string | null;
  readonly suiteTicketAt: string | null;
  readonly syncEveryHours: number;
  readonly callsPerSecond: number | null;
  /** What the edition allows of calls that DingTalk charges. */
  readonly callsPerMonth: number;
  readonly jsapiOrigins: readonly string[];
  readonly lastSyncedAt: string | null;
  readonly createdAt: string;
};

export type Change = {
  /** Rises with everything that changes the directory. */
  readonly revision: number;
  readonly at: string;
  /** What was changed together; a sync's is the sync's id. */
  readonly setId: string;
  readonly cause: string;
  /** Its place among the changes that were made together. */
  readonly number: number;
  readonly object: "department" | "member";
  /** The department's id or the member's userId. */
  readonly id: string;
  readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
  /** Why it is removed. */
  readonly reason: "gone" | "out_of_scope" | "excluded" | "unproven" | null;
  /** What was there; null for what is new, and for who was erased. */
  readonly before: Record<string, never> | null;
  /** What is there then; null for what is removed or erased. */
  readonly after: Record<string, never> | null;
  /** Personal fields changed: read the member. */
  readonly isPersonalChanged: boolean;
};

export type Department = {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Among its siblings, the smaller first. */
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  /** Their userids. Null while DingTalk wasn't asked for the department's details. */
  readonly managers: readonly string[] | null;
  /** What only `department/get` tells, by DingTalk's names. */
  readonly details: Record<string, never> | null;
  /** When that was read. */
  readonly detailsAt: string | null;
  /** In it, and with all departments below; each person once. */
  readonly members: {
    readonly direct: number;
    readonly total: number;
  };
};

export type DepartmentsEnd = {
  readonly end: true;
  /** The sync whose tree it is. */
  readonly run: string | null;
  readonly count: number;
  /** The tree changed while it was read: read it again. */
  readonly changed: boolean;
};

export type InvalidatedToken = {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Rises by one with every renewal that changed the string or moved the expiry. */
  readonly version: number;
  /** When the present string was first had. */
  readonly changedAt: string;
  /** False: DingTalk insists on the same string. */
  readonly changed: boolean;
};

export type JsapiConfig = {
  readonly corpId: string;
  readonly agentId: string;
  readonly timeStamp: number;
  readonly nonceStr: string;
  readonly signature: string;
};

export type Member = {
  readonly userId: string;
  readonly name?: string | null;
  /** The same in all apps of one developer account. */
  readonly unionId?: string | null;
  readonly title?: string | null;
  readonly jobNumber?: string | null;
  readonly isActive?: boolean | null;
  readonly isAdmin?: boolean | null;
  readonly isBoss?: boolean | null;
  readonly isExclusive?: boolean | null;
  readonly hidesMobile?: boolean | null;
  /** Personal fields need the scope directory:personal as well. */
  readonly mobile?: string | null;
  readonly stateCode?: string | null;
  readonly telephone?: string | null;
  readonly email?: string | null;
  readonly orgEmail?: string | null;
  readonly workPlace?: string | null;
  readonly hiredDate?: string | null;
  readonly remark?: string | null;
  readonly avatar?: string | null;
  readonly extension?: string | null;
  /** Names of further fields that DingTalk sent. */
  readonly otherFields: readonly string[];
  /** Whether personal fields are told; not collected: the organization keeps none. */
  readonly personal: "told" | "masked" | "not_collected" | "not_allowed";
  readonly places: readonly ({
    readonly departmentId: string;
    readonly department: string | null;
    readonly title: string | null;
    readonly isLeader: boolean | null;
    readonly order: string | null;
  })[];
  /** Members of the organization's other apps who have the same unionId. */
  readonly links: readonly ({
    readonly appId: string;
    readonly userId: string;
  })[];
  readonly firstSeenAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  /** What was known of a removed member is erased. */
  readonly erasedAt: string | null;
};

export type MembersEnd = {
  readonly end: true;
  /** The directory's when the reading began. */
  readonly revision: number;
  readonly count: number;
  /** The directory changed while it was read: read it again. */
  readonly changed: boolean;
};

export type PlannedChange = {
  /** Its place among the changes that were made together. */
  readonly number: number;
  readonly object: "department" | "member";
  /** The department's id or the member's userId. */
  readonly id: string;
  readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
  /** Why it is removed. */
  readonly reason: "gone" | "out_of_scope" | "excluded" | "unproven" | null;
  /** What was there; null for what is new, and for who was erased. */
  readonly before: Record<string, never> | null;
  /** What is there then; null for what is removed or erased. */
  readonly after: Record<string, never> | null;
  /** Personal fields changed: read the member. */
  readonly isPersonalChanged: boolean;
  /** Set for what is not applied with the others: stale, left out, or kept by hand. */
  readonly outcome: "skipped" | "left_out" | "kept" | null;
};

export type Problem = {
  readonly type: string;
  /** In the caller's language. */
  readonly title: string;
  readonly status: number;
  /** What to branch on. */
  readonly code: "malformed" | "path_malformed" | "unauthenticated" | "password_needed" | "forbidden" | "path_refused" | "not_found" | "method_not_allowed" | "conflict" | "cursor_expired" | "too_large" | "wrong_content_type" | "invalid_input" | "repeated_differently" | "not_verified" | "rate_limited" | "internal" | "upstream_failed" | "unavailable" | "upstream_timeout";
  readonly detail?: string;
  readonly requestId: string;
  readonly errors?: readonly ({
    readonly path: string;
    readonly message: string;
  })[];
  /** Where it was DingTalk's failure. */
  readonly dingtalk?: {
    readonly code: string | null;
    readonly subCode: string | null;
    readonly message: string;
    readonly requestId: string | null;
  };
  /** What to do about it, in the caller's language. */
  readonly hint?: string;
};

export type StateReason = {
  readonly kind: string;
  readonly api: string;
  readonly code: string | null;
  readonly subCode: string | null;
  readonly message: string;
  readonly requestId: string | null;
};

export type Sync = {
  readonly id: string;
  readonly number: number;
  readonly state: "queued" | "running" | "held" | "succeeded" | "failed" | "interrupted" | "cancelled" | "superseded" | "rejected" | "expired";
  readonly trigger: "manual" | "schedule" | "first" | "takeover" | "retry";
  /** Name of the key that asked for it, as it was then. */
  readonly startedByKey: string | null;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** When a failed sync is retried, unless another one has begun by then. */
  readonly retryAt: string | null;
  readonly stage: "read" | "plan" | "check" | "write" | null;
  readonly departmentsSeen: number;
  readonly calls: number;
  readonly throttles: number;
  readonly added: number;
  readonly changed: number;
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly mode: "full" | "verify" | "preview";
  readonly membersSeen: number;
  readonly membersAdded: number;
  readonly membersChanged: number;
  readonly membersMoved: number;
  readonly membersRemoved: number;
  readonly membersUnchanged: number;
  /** Why it waits for a decision, or waited. */
  readonly heldFor: readonly ({
    readonly kind: "scope_empty" | "answer_empty" | "members_empty" | "scope_shrank" | "too_many_missing" | "departments_above" | "members_above";
  })[] | null;
  readonly heldUntil: string | null;
  readonly decision: "all" | "without_removals" | "rejected" | null;
  readonly decidedAt: string | null;
  readonly decidedByKey: string | null;
  readonly decisionReason: string | null;
  /** The sync whose plan took the place of its own. */
  readonly supersededById: string | null;
  /** The directory's, once it is applied. */
  readonly revision: number | null;
  /** False for one that didn't see everything: it removed nothing. */
  readonly isComplete: boolean;
  readonly error: SyncError | null;
};

export type SyncError = {
  /** What to branch on. */
  readonly kind: string;
  /** DingTalk's `errcode` or `code`. */
  readonly code: string | null;
  /** DingTalk's `sub_code`, which says what happened where `code` is 88 or 15. */
  readonly subCode: string | null;
  /** DingTalk's own words, or what happened in the caller's language where DingTalk gave none. */
  readonly message: string;
};

export type Token = {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Rises by one with every renewal that changed the string or moved the expiry. */
  readonly version: number;
  /** When the present string was first had. */
  readonly changedAt: string;
};

export type Operations = {
  /** List the apps that the key can access: `GET /apps` */
  readonly listApps: {
    readonly params: Record<string, never>;
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: {
      readonly apps: readonly App[];
    };
  };
  /** Connect an app after verifying its credentials with DingTalk: `POST /apps` */
  readonly createApp: {
    readonly params: Record<string, never>;
    readonly query: Record<string, never>;
    readonly body: {
      readonly kind?: "internal";
      readonly appKey: string;
      readonly appSecret: string;
      readonly name: string;
      readonly agentId?: string | null;
      /** Keep it as a draft although its test fails for a reason that isn't in what was sent. */
      readonly isDraft?: boolean;
      readonly corpId?: string | null;
    } | {
      readonly kind: "unified";
      readonly appKey: string;
      readonly appSecret: string;
      readonly corpId: string;
      readonly name: string;
      readonly agentId?: string | null;
      /** Keep it as a draft although its test fails for a reason that isn't in what was sent. */
      readonly isDraft?: boolean;
    } | {
      readonly kind: "isv";
      readonly suiteKey: string;
      readonly suiteSecret: string;
      readonly suiteTicket?: string;
      readonly corpId: string;
      readonly name: string;
      readonly agentId?: string | null;
      /** Keep it as a draft although its test fails for a reason that isn't in what was sent. */
      readonly isDraft?: boolean;
    };
    readonly answer: App;
  };
  /** Get an app and its state: `GET /apps/{appId}` */
  readonly getApp: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: App;
  };
  /** Update an app, verifying a new secret with DingTalk first: `PATCH /apps/{appId}` */
  readonly changeApp: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      readonly name?: string;
      /** Of an internal app; any other one's stays. */
      readonly corpId?: string | null;
      readonly agentId?: string | null;
      readonly syncEveryHours?: 0 | 1 | 2 | 3 | 6 | 12 | 24;
      readonly callsPerSecond?: 20 | 40 | 60 | null;
      readonly callsPerMonth?: number;
      readonly jsapiOrigins?: readonly string[];
      /** Kept once DingTalk has given a token for it. */
      readonly appSecret?: string;
      readonly suiteTicket?: string;
    };
    readonly answer: App;
  };
  /** Delete an app and all of its data: `DELETE /apps/{appId}` */
  readonly deleteApp: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: null;
  };
  /** Get the app's access token as a lease with a version: `GET /apps/{appId}/token` */
  readonly getToken: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly after?: number;
      readonly wait?: number;
    };
    readonly body: null;
    readonly answer: Token;
  };
  /** Report a token version that DingTalk rejected: `POST /apps/{appId}/token/invalidate` */
  readonly invalidateToken: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      /** Rises by one with every renewal that changed the string or moved the expiry. */
      readonly version: number;
    };
    readonly answer: InvalidatedToken;
  };
  /** Sign a page for dd.config: `POST /apps/{appId}/jsapi-signature` */
  readonly signPage: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly hash?: "sha256" | "sha1";
    };
    readonly body: {
      /** The page's `location.href`. */
      readonly url: string;
    };
    readonly answer: JsapiConfig;
  };
  /** Start a directory sync: `POST /apps/{appId}/syncs` */
  readonly startSync: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: Record<string, never>;
    readonly body: Record<string, never>;
    readonly answer: {
      readonly sync: Sync;
      /** It was queued or running before. */
      readonly already: boolean;
    };
  };
  /** List an app's syncs, newest first: `GET /apps/{appId}/syncs` */
  readonly listSyncs: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly state?: "queued" | "running" | "held" | "succeeded" | "failed" | "interrupted" | "cancelled" | "superseded" | "rejected" | "expired";
      readonly cursor?: number;
    };
    readonly body: null;
    readonly answer: {
      readonly syncs: readonly Sync[];
      readonly nextCursor: string | null;
    };
  };
  /** Get a sync and its progress: `GET /apps/{appId}/syncs/{syncId}` */
  readonly getSync: {
    readonly params: {
      readonly appId: string;
      readonly syncId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: Sync;
  };
  /** Get the changes that a sync will make or has made: `GET /apps/{appId}/syncs/{syncId}/plan` */
  readonly getSyncPlan: {
    readonly params: {
      readonly appId: string;
      readonly syncId: string;
    };
    readonly query: {
      readonly object?: "department" | "member";
      readonly kind?: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
      readonly q?: string;
      readonly cursor?: number;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      /** Why it waits for a decision, or waited. */
      readonly heldFor: readonly ({
        readonly kind: "scope_empty" | "answer_empty" | "members_empty" | "scope_shrank" | "too_many_missing" | "departments_above" | "members_above";
      })[] | null;
      /** Of the whole plan; only with the first page. */
      readonly counts: readonly ({
        readonly object: "department" | "member";
        readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
        /** Set for what is not applied with the others: stale, left out, or kept by hand. */
        readonly outcome: "skipped" | "left_out" | "kept" | null;
        readonly count: number;
      })[] | null;
      readonly changes: readonly PlannedChange[];
      readonly nextCursor: string | null;
    };
  };
  /** Apply a held sync, with or without its removals: `POST /apps/{appId}/syncs/{syncId}/apply` */
  readonly applySync: {
    readonly params: {
      readonly appId: string;
      readonly syncId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      readonly removals: false;
      /** Kept with the sync. */
      readonly reason: string;
    } | {
      readonly removals: true;
      /** How many departments and members it removes, as the plan counts them. */
      readonly confirmRemovals: number;
      /** Kept with the sync. */
      readonly reason: string;
    };
    readonly answer: {
      readonly sync: Sync;
      /** Changes left alone, since their rows had changed meanwhile. */
      readonly skipped: number;
    };
  };
  /** Reject a held sync: `POST /apps/{appId}/syncs/{syncId}/reject` */
  readonly rejectSync: {
    readonly params: {
      readonly appId: string;
      readonly syncId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      /** Kept with the sync. */
      readonly reason: string;
    };
    readonly answer: {
      readonly sync: Sync;
      /** Changes left alone, since their rows had changed meanwhile. */
      readonly skipped: number;
    };
  };
  /** List departments by page, in ID order: `GET /apps/{appId}/departments` */
  readonly listDepartments: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly parentId?: string;
      readonly updatedSince?: string;
      readonly q?: string;
      readonly cursor?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      readonly departments: readonly Department[];
      /** Null on the last page. */
      readonly nextCursor: string | null;
    };
  };
  /** Get a department: `GET /apps/{appId}/departments/{deptId}` */
  readonly getDepartment: {
    readonly params: {
      readonly appId: string;
      readonly deptId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: Department;
  };
  /** List a department's ancestors, from the root down: `GET /apps/{appId}/departments/{deptId}/ancestors` */
  readonly listAncestors: {
    readonly params: {
      readonly appId: string;
      readonly deptId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: {
      /** From the root down, without the department itself. */
      readonly ancestors: readonly ({
        readonly id: string;
        readonly name: string;
      })[];
    };
  };
  /** List the direct members of a department: `GET /apps/{appId}/departments/{deptId}/members` */
  readonly listDepartmentMembers: {
    readonly params: {
      readonly appId: string;
      readonly deptId: string;
    };
    readonly query: {
      readonly q?: string;
      readonly cursor?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      readonly members: readonly Member[];
      /** Null on the last page. */
      readonly nextCursor: string | null;
    };
  };
  /** List members by page, in ID order: `GET /apps/{appId}/members` */
  readonly listMembers: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly departmentId?: string;
      readonly unionId?: string;
      readonly updatedSince?: string;
      readonly q?: string;
      readonly cursor?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      readonly members: readonly Member[];
      /** Null on the last page. */
      readonly nextCursor: string | null;
    };
  };
  /** Get a member and their departments: `GET /apps/{appId}/members/{userId}` */
  readonly getMember: {
    readonly params: {
      readonly appId: string;
      readonly userId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: Member;
  };
  /** List all changes applied to the directory in commit order, starting at any point: `GET /apps/{appId}/changes` */
  readonly listChanges: {
    readonly params: {
      readonly appId: string;
    };
    readonly query: {
      readonly after?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      /** In the order in which they were committed. */
      readonly changes: readonly Change[];
      /** Keep it, on the last page too; null while nothing was ever changed. */
      readonly nextCursor: string | null;
      readonly hasMore: boolean;
    };
  };
};

export const ROUTES = {
  listApps: { method: "GET", path: "/apps" },
  createApp: { method: "POST", path: "/apps" },
  getApp: { method: "GET", path: "/apps/{appId}" },
  changeApp: { method: "PATCH", path: "/apps/{appId}" },
  deleteApp: { method: "DELETE", path: "/apps/{appId}" },
  getToken: { method: "GET", path: "/apps/{appId}/token" },
  invalidateToken: { method: "POST", path: "/apps/{appId}/token/invalidate" },
  signPage: { method: "POST", path: "/apps/{appId}/jsapi-signature" },
  startSync: { method: "POST", path: "/apps/{appId}/syncs" },
  listSyncs: { method: "GET", path: "/apps/{appId}/syncs" },
  getSync: { method: "GET", path: "/apps/{appId}/syncs/{syncId}" },
  getSyncPlan: { method: "GET", path: "/apps/{appId}/syncs/{syncId}/plan" },
  applySync: { method: "POST", path: "/apps/{appId}/syncs/{syncId}/apply" },
  rejectSync: { method: "POST", path: "/apps/{appId}/syncs/{syncId}/reject" },
  listDepartments: { method: "GET", path: "/apps/{appId}/departments" },
  getDepartment: { method: "GET", path: "/apps/{appId}/departments/{deptId}" },
  listAncestors: { method: "GET", path: "/apps/{appId}/departments/{deptId}/ancestors" },
  listDepartmentMembers: { method: "GET", path: "/apps/{appId}/departments/{deptId}/members" },
  listMembers: { method: "GET", path: "/apps/{appId}/members" },
  getMember: { method: "GET", path: "/apps/{appId}/members/{userId}" },
  listChanges: { method: "GET", path: "/apps/{appId}/changes" },
} as const satisfies Record<keyof Operations, { readonly method: string; readonly path: string }>;
