import type { ContactScopes } from "@/lib/dingtalk/contact-scope";
import type { MemberDetail } from "@/lib/dingtalk/members";
import type { AppKind } from "@/prisma/generated/enums";
import { absent, type Finding, finding, notRun, passed } from "./findings";

export const NO_MEMBER = { nobody: 1 } as const;

type Field = {
  readonly names: readonly (keyof MemberDetail["personal"])[];
  readonly listed: readonly string[];
};

export const FIELDS: Readonly<Record<"mobile" | "email", Field>> = {
  mobile: { names: ["mobile"], listed: ["mobile"] },
  email: { names: ["email", "org_email"], listed: ["email", "orgEmail"] },
};

export type FieldContext = {
  readonly member: MemberDetail | null;
  /** A member was found, even if it could not be read. */
  readonly hasMember: boolean;
  readonly scopes: ContactScopes | null;
  readonly kind: AppKind;
  readonly isStored: boolean;
};

/** Passes if the member has the personal field or DingTalk lists it, because a member may lack a value. */
export function fieldFinding(
  { names, listed }: Field,
  { member, hasMember, scopes, kind, isStored }: FieldContext,
): Finding {
  const isThere = names.some((name) => member?.personal[name] !== undefined);
  if (isThere || listed.some((name) => scopes?.userFields.includes(name))) return passed();
  if (kind === "isv") return absent({ isv: 1 });
  if (member === null) return notRun(hasMember ? {} : NO_MEMBER);
  return isStored ? finding("warning") : absent();
}
