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
  /** Monthly quota of billable calls in the app's DingTalk edition. */
  readonly callsPerMonth: number;
  readonly jsapiOrigins: readonly string[];
  readonly lastSyncedAt: string | null;
  readonly createdAt: string;
};

export type AppEventData = {
  readonly fault: EventFault | null;
};

export type Change = {
  /** Increases with every change of the directory. */
  readonly revision: number;
  readonly at: string;
  /** Set of changes that were made together. For a sync, the sync's ID. */
  readonly setId: string;
  readonly cause: string;
  /** Position among the changes of the same set. */
  readonly number: number;
  readonly object: "department" | "member";
  /** The department's id or the member's userId. */
  readonly id: string;
  readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
  /** Reason for a removal. */
  readonly reason: "gone" | "out_of_scope" | "excluded" | "unproven" | null;
  /** State before the change; null if the object is new or the member was erased. */
  readonly before: Record<string, never> | null;
  /** State after the change; null if the object was removed or erased. */
  readonly after: Record<string, never> | null;
  /** Personal fields changed. Read the member to get them. */
  readonly isPersonalChanged: boolean;
};

export type Department = {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Position among its siblings, smallest first. */
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  /** Their userids. Null until the department's details have been read. */
  readonly managers: readonly string[] | null;
  /** Fields that only `department/get` returns, with DingTalk's names. */
  readonly details: Record<string, never> | null;
  /** When the details were read. */
  readonly detailsAt: string | null;
  /** Members of the department, and of it with all departments below; each person counts once. */
  readonly members: {
    readonly direct: number;
    readonly total: number;
  };
};

export type DepartmentsEnd = {
  readonly end: true;
  /** The sync that read the tree. */
  readonly run: string | null;
  readonly count: number;
  /** The tree changed while it was read. Read it again. */
  readonly changed: boolean;
};

export type DirectoryEventData = {
  /** The department's id or the member's userId. */
  readonly id: string;
  /** The directory's revision after the change. */
  readonly revision: number;
  /** Set of changes that were made together. For a sync, the sync's ID. */
  readonly setId: string;
  readonly cause: string;
  /** Reason for a removal. */
  readonly reason: "gone" | "out_of_scope" | "excluded" | "unproven" | null;
  /** State before the change; null if the object is new. */
  readonly before: Record<string, never> | null;
  /** State after the change; null if the object was removed. */
  readonly after: Record<string, never> | null;
  /** Personal fields changed. Read the member to get them. */
  readonly isPersonalChanged: boolean;
};

export type EventCounts = {
  readonly added: number;
  readonly changed: number;
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
};

export type EventFault = {
  /** Stable code for programs to branch on. */
  readonly kind: string | null;
  readonly api: string | null;
  readonly code: string | null;
  readonly subCode: string | null;
  readonly message: string | null;
  readonly requestId: string | null;
};

export type InvalidatedToken = {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Increases by one with every renewal that changed the token or its expiry. */
  readonly version: number;
  /** When the current token was first received. */
  readonly changedAt: string;
  /** False if DingTalk returned the same token again. */
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
  /** Equal in all apps of one developer account. */
  readonly unionId?: string | null;
  readonly title?: string | null;
  readonly jobNumber?: string | null;
  readonly isActive?: boolean | null;
  readonly isAdmin?: boolean | null;
  readonly isBoss?: boolean | null;
  readonly isExclusive?: boolean | null;
  readonly hidesMobile?: boolean | null;
  /** Personal fields also need the scope directory:personal. */
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
  /** Names of other fields that DingTalk sent. */
  readonly otherFields: readonly string[];
  /** Availability of personal fields. `not_collected`: the organization does not store them. */
  readonly personal: "told" | "masked" | "not_collected" | "not_allowed";
  readonly places: readonly ({
    readonly departmentId: string;
    readonly department: string | null;
    readonly title: string | null;
    readonly isLeader: boolean | null;
    readonly order: string | null;
  })[];
  /** Members with the same unionId in the organization's other apps. */
  readonly links: readonly ({
    readonly appId: string;
    readonly userId: string;
  })[];
  readonly firstSeenAt: string;
  readonly changedAt: string;
  readonly removedAt: string | null;
  /** When a removed member's data was erased. */
  readonly erasedAt: string | null;
};

export type MembersEnd = {
  readonly end: true;
  /** The directory's revision when the read began. */
  readonly revision: number;
  readonly count: number;
  /** The directory changed while it was read. Read it again. */
  readonly changed: boolean;
};

export type NewWebhook = {
  readonly id: string;
  /** Without the query, which may contain a token. */
  readonly url: string;
  readonly types: readonly ("department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up")[];
  /** Null for all apps, including later ones. */
  readonly appIds: readonly string[] | null;
  /** Events of one department or member wait until earlier ones were delivered. */
  readonly isOrdered: boolean;
  /** `failing`: no delivery has succeeded since `failingSince`. */
  readonly state: "enabled" | "failing" | "disabled";
  readonly failingSince: string | null;
  readonly disabledAt: string | null;
  /** `gone`: the receiver answered with 410. `failing`: all deliveries failed for five days. */
  readonly disabledFor: "person" | "gone" | "failing" | null;
  /** Until then messages are also signed with the previous secret. */
  readonly previousSecretUntil: string | null;
  readonly createdAt: string;
  /** Signs the messages. Returned only once. */
  readonly secret: string;
};

export type PlannedChange = {
  /** Position among the changes of the same set. */
  readonly number: number;
  readonly object: "department" | "member";
  /** The department's id or the member's userId. */
  readonly id: string;
  readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
  /** Reason for a removal. */
  readonly reason: "gone" | "out_of_scope" | "excluded" | "unproven" | null;
  /** State before the change; null if the object is new or the member was erased. */
  readonly before: Record<string, never> | null;
  /** State after the change; null if the object was removed or erased. */
  readonly after: Record<string, never> | null;
  /** Personal fields changed. Read the member to get them. */
  readonly isPersonalChanged: boolean;
  /** Set for changes that are not applied: stale, excluded, or kept manually. */
  readonly outcome: "skipped" | "left_out" | "kept" | null;
};

export type Problem = {
  readonly type: string;
  /** In the caller's language. */
  readonly title: string;
  readonly status: number;
  /** Stable code for programs to branch on. */
  readonly code: "malformed" | "path_malformed" | "unauthenticated" | "password_needed" | "forbidden" | "path_refused" | "not_found" | "method_not_allowed" | "conflict" | "cursor_expired" | "too_large" | "wrong_content_type" | "invalid_input" | "repeated_differently" | "not_verified" | "rate_limited" | "internal" | "upstream_failed" | "unavailable" | "upstream_timeout";
  readonly detail?: string;
  readonly requestId: string;
  readonly errors?: readonly ({
    readonly path: string;
    readonly message: string;
  })[];
  /** DingTalk's error, if DingTalk caused the failure. */
  readonly dingtalk?: {
    readonly code: string | null;
    readonly subCode: string | null;
    readonly message: string;
    readonly requestId: string | null;
  };
  /** How to fix the failure, in the caller's language. */
  readonly hint?: string;
};

export type QuotaNearData = {
  /** Such as `2026-12`, in China's time zone. */
  readonly month: string;
  /** Share of the quota that has been used. */
  readonly share: number;
};

export type QuotaUsedUpData = {
  /** Such as `2026-12`, in China's time zone. */
  readonly month: string;
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
  readonly trigger: "manual" | "schedule" | "first" | "takeover" | "retry" | "event";
  /** Name of the API key that requested the sync, at that time. */
  readonly startedByKey: string | null;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** When a failed sync is retried, unless another sync starts first. */
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
  /** Why the sync is or was held for a decision. */
  readonly heldFor: readonly ({
    readonly kind: "scope_empty" | "answer_empty" | "members_empty" | "scope_shrank" | "too_many_missing" | "departments_above" | "members_above";
  })[] | null;
  readonly heldUntil: string | null;
  readonly decision: "all" | "without_removals" | "rejected" | null;
  readonly decidedAt: string | null;
  readonly decidedByKey: string | null;
  readonly decisionReason: string | null;
  /** The sync that replaced this one's plan. */
  readonly supersededById: string | null;
  /** The directory's revision after the sync was applied. */
  readonly revision: number | null;
  /** False if the sync could not read everything. Such a sync removes nothing. */
  readonly isComplete: boolean;
  readonly error: SyncError | null;
};

export type SyncError = {
  /** Stable code for programs to branch on. */
  readonly kind: string;
  /** DingTalk's `errcode` or `code`. */
  readonly code: string | null;
  /** DingTalk's `sub_code`, which has the specific error if `code` is 88 or 15. */
  readonly subCode: string | null;
  /** DingTalk's message, or an explanation in the caller's language if DingTalk sent none. */
  readonly message: string;
};

export type SyncEventData = {
  readonly syncId: string;
  readonly isPreview: boolean;
  readonly isComplete: boolean;
  /** The directory's revision after the sync was applied. */
  readonly revision: number | null;
  /** Null for a sync that a person decided about, and for one that events made. */
  readonly departments: EventCounts | null;
  readonly members: EventCounts | null;
  /** Why the sync is held for a decision. */
  readonly heldFor: readonly string[];
  readonly error: EventFault | null;
  readonly retryAt: string | null;
};

export type Token = {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Increases by one with every renewal that changed the token or its expiry. */
  readonly version: number;
  /** When the current token was first received. */
  readonly changedAt: string;
};

export type TokenFailedData = {
  readonly version: number;
  readonly error: EventFault | null;
};

export type TokenRenewedData = {
  readonly version: number;
  readonly expiresAt: string | null;
};

export type Webhook = {
  readonly id: string;
  /** Without the query, which may contain a token. */
  readonly url: string;
  readonly types: readonly ("department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up")[];
  /** Null for all apps, including later ones. */
  readonly appIds: readonly string[] | null;
  /** Events of one department or member wait until earlier ones were delivered. */
  readonly isOrdered: boolean;
  /** `failing`: no delivery has succeeded since `failingSince`. */
  readonly state: "enabled" | "failing" | "disabled";
  readonly failingSince: string | null;
  readonly disabledAt: string | null;
  /** `gone`: the receiver answered with 410. `failing`: all deliveries failed for five days. */
  readonly disabledFor: "person" | "gone" | "failing" | null;
  /** Until then messages are also signed with the previous secret. */
  readonly previousSecretUntil: string | null;
  readonly createdAt: string;
};

export type WebhookAttempt = {
  readonly id: string;
  readonly at: string;
  /** HTTP status; null without a response. */
  readonly status: number | null;
  /** Why there was no response. `private`: the address is not allowed. */
  readonly failure: "private" | "unresolvable" | "timeout" | "certificate" | "connection" | "expired" | null;
  readonly durationMs: number;
  /** First 4 kB of the response. */
  readonly answer: string;
  /** Null for a test event. */
  readonly eventId: string | null;
  readonly type: string;
  /** 1 for the first. */
  readonly attempt: number;
};

export type WebhookEvent = {
  /** Also the header `webhook-id`. The same in every attempt. */
  readonly id: string;
  /** Changes with the meaning of a field. New fields don't change it. */
  readonly version: 1;
  /** Increases with every event of the organization. */
  readonly sequence: number;
  /** Position among the changes that were made together; 0 for other events. */
  readonly number: number;
  readonly timestamp: string;
  readonly appId: string;
  readonly type: "department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up";
  readonly data: Record<string, never>;
};

export type WebhookTest = {
  readonly id: string;
  readonly at: string;
  /** HTTP status; null without a response. */
  readonly status: number | null;
  /** Why there was no response. `private`: the address is not allowed. */
  readonly failure: "private" | "unresolvable" | "timeout" | "certificate" | "connection" | "expired" | null;
  readonly durationMs: number;
  /** First 4 kB of the response. */
  readonly answer: string;
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
      /** Save a draft even if the connection test fails for a reason other than the input. */
      readonly isDraft?: boolean;
      readonly corpId?: string | null;
    } | {
      readonly kind: "unified";
      readonly appKey: string;
      readonly appSecret: string;
      readonly corpId: string;
      readonly name: string;
      readonly agentId?: string | null;
      /** Save a draft even if the connection test fails for a reason other than the input. */
      readonly isDraft?: boolean;
    } | {
      readonly kind: "isv";
      readonly suiteKey: string;
      readonly suiteSecret: string;
      readonly suiteTicket?: string;
      readonly corpId: string;
      readonly name: string;
      readonly agentId?: string | null;
      /** Save a draft even if the connection test fails for a reason other than the input. */
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
      /** Can be changed only for internal apps. */
      readonly corpId?: string | null;
      readonly agentId?: string | null;
      readonly syncEveryHours?: 0 | 1 | 2 | 3 | 6 | 12 | 24;
      readonly callsPerSecond?: 20 | 40 | 60 | null;
      readonly callsPerMonth?: number;
      readonly jsapiOrigins?: readonly string[];
      /** Saved after DingTalk has returned a token for it. */
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
      /** Increases by one with every renewal that changed the token or its expiry. */
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
      /** A sync was queued or running already. */
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
      readonly cursor?: string;
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
      readonly cursor?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      /** Why the sync is or was held for a decision. */
      readonly heldFor: readonly ({
        readonly kind: "scope_empty" | "answer_empty" | "members_empty" | "scope_shrank" | "too_many_missing" | "departments_above" | "members_above";
      })[] | null;
      /** Counts of the whole plan, on the first page only. */
      readonly counts: readonly ({
        readonly object: "department" | "member";
        readonly kind: "added" | "returned" | "moved" | "renamed" | "changed" | "removed" | "restored" | "erased";
        /** Set for changes that are not applied: stale, excluded, or kept manually. */
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
      /** Stored with the sync. */
      readonly reason: string;
    } | {
      readonly removals: true;
      /** Number of departments and members to remove, as in the plan. */
      readonly confirmRemovals: number;
      /** Stored with the sync. */
      readonly reason: string;
    };
    readonly answer: {
      readonly sync: Sync;
      /** Changes that were skipped because their rows had changed since. */
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
      /** Stored with the sync. */
      readonly reason: string;
    };
    readonly answer: {
      readonly sync: Sync;
      /** Changes that were skipped because their rows had changed since. */
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
      /** From the root to the parent. */
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
      /** In commit order. */
      readonly changes: readonly Change[];
      /** Keep it, also from the last page. Null if nothing has ever changed. */
      readonly nextCursor: string | null;
      readonly hasMore: boolean;
    };
  };
  /** List the webhooks that the key can manage: `GET /webhooks` */
  readonly listWebhooks: {
    readonly params: Record<string, never>;
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: {
      readonly webhooks: readonly Webhook[];
    };
  };
  /** Create a webhook and get its secret: `POST /webhooks` */
  readonly createWebhook: {
    readonly params: Record<string, never>;
    readonly query: Record<string, never>;
    readonly body: {
      /** An https address of the internet. Private networks are refused unless the server allows them. */
      readonly url: string;
      readonly types: readonly ("department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up")[];
      /** Null for all apps. */
      readonly appIds?: readonly string[] | null;
      readonly isOrdered?: boolean;
    };
    readonly answer: NewWebhook;
  };
  /** Get a webhook and its state: `GET /webhooks/{webhookId}` */
  readonly getWebhook: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: Webhook;
  };
  /** Update, disable or enable a webhook: `PATCH /webhooks/{webhookId}` */
  readonly changeWebhook: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      readonly url?: string;
      readonly types?: readonly ("department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up")[];
      readonly appIds?: readonly string[] | null;
      readonly isOrdered?: boolean;
      /** Enabling continues after the last delivered event. Events are kept for 30 days. */
      readonly isEnabled?: boolean;
    };
    readonly answer: Webhook;
  };
  /** Delete a webhook and its attempts: `DELETE /webhooks/{webhookId}` */
  readonly deleteWebhook: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: null;
  };
  /** Replace a webhook's secret; the previous one also signs for 24 hours: `POST /webhooks/{webhookId}/rotate-secret` */
  readonly rotateWebhookSecret: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: {
      /** Signs the messages. Returned only once. */
      readonly secret: string;
      readonly previousSecretUntil: string;
    };
  };
  /** Send a test event and get the result: `POST /webhooks/{webhookId}/test` */
  readonly testWebhook: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: null;
    readonly answer: WebhookTest;
  };
  /** List a webhook's attempts of the last 30 days, newest first: `GET /webhooks/{webhookId}/attempts` */
  readonly listWebhookAttempts: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: {
      readonly eventId?: string;
      readonly type?: "department.added" | "department.returned" | "department.moved" | "department.renamed" | "department.changed" | "department.removed" | "department.restored" | "member.added" | "member.returned" | "member.moved" | "member.renamed" | "member.changed" | "member.removed" | "member.restored" | "sync.succeeded" | "sync.held" | "sync.failed" | "app.degraded" | "app.broken" | "app.verified" | "token.renewed" | "token.failed" | "quota.near" | "quota.used_up" | "webhook.test";
      readonly isSuccess?: "true" | "false";
      readonly cursor?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      readonly attempts: readonly WebhookAttempt[];
      readonly nextCursor: string | null;
    };
  };
  /** Resend one event or all events since a time: `POST /webhooks/{webhookId}/resend` */
  readonly resendWebhookEvents: {
    readonly params: {
      readonly webhookId: string;
    };
    readonly query: Record<string, never>;
    readonly body: {
      readonly eventId: string;
    } | {
      readonly since: string;
    };
    readonly answer: null;
  };
  /** List the events that webhooks deliver, in order, starting at any point: `GET /webhook-events` */
  readonly listWebhookEvents: {
    readonly params: Record<string, never>;
    readonly query: {
      readonly after?: string;
      readonly limit?: number;
    };
    readonly body: null;
    readonly answer: {
      /** The events that webhooks deliver, in order. */
      readonly events: readonly WebhookEvent[];
      /** Keep it, also from the last page. */
      readonly nextCursor: string;
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
  listWebhooks: { method: "GET", path: "/webhooks" },
  createWebhook: { method: "POST", path: "/webhooks" },
  getWebhook: { method: "GET", path: "/webhooks/{webhookId}" },
  changeWebhook: { method: "PATCH", path: "/webhooks/{webhookId}" },
  deleteWebhook: { method: "DELETE", path: "/webhooks/{webhookId}" },
  rotateWebhookSecret: { method: "POST", path: "/webhooks/{webhookId}/rotate-secret" },
  testWebhook: { method: "POST", path: "/webhooks/{webhookId}/test" },
  listWebhookAttempts: { method: "GET", path: "/webhooks/{webhookId}/attempts" },
  resendWebhookEvents: { method: "POST", path: "/webhooks/{webhookId}/resend" },
  listWebhookEvents: { method: "GET", path: "/webhook-events" },
} as const satisfies Record<keyof Operations, { readonly method: string; readonly path: string }>;
