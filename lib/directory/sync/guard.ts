import type { ContactScopes } from "@/lib/dingtalk/scopes";

/** From where on the app could read. */
export type Scope = Pick<ContactScopes, "departmentIds" | "userIds">;

/** Why a run waits for a person, with the figures that a page says. */
export type HeldReason =
  /** DingTalk named none of what we hold. */
  | { readonly kind: "answer_empty"; readonly held: number }
  /** The app may read less than when its directory was last read completely. */
  | { readonly kind: "scope_shrank"; readonly before: Scope | null; readonly now: Scope }
  | {
      readonly kind: "departments_above" | "members_above";
      readonly removals: number;
      readonly of: number;
      readonly removable: number;
      readonly percentRemovable: number;
    };
