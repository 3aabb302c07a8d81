import type { Member, PersonalValues } from "@/lib/dingtalk/members";

/** A member in one department. */
export type PersonPlace = {
  readonly departmentId: string;
  /** Its name; `null` while it is out of sight. */
  readonly department: string | null;
  readonly title: string | null;
  readonly isLeader: boolean | null;
  readonly order: string | null;
};

/** A member as whoever reads the directory is given them. */
export type Person = Omit<Member, "departmentIds" | "personal"> & {
  /** By the department's id. */
  readonly places: readonly PersonPlace[];
  /** Who has the same unionid in other apps of the organization: most likely the same person. */
  readonly links: readonly { readonly appId: string; readonly userId: string }[];
  /** `null`: not to be told to whoever asks, or not kept. */
  readonly personal: PersonalValues | null;
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  readonly removedAt: Date | null;
  readonly erasedAt: Date | null;
};
