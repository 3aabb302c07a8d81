import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";

/** A change set of an app, in its transaction. */
export type SetRef = AppRef & { readonly setId: string };

/** What the statements of this folder name: `$1` to `$4`. */
export type Applying = {
  readonly client: ClientBase;
  readonly set: SetRef;
  readonly revision: number;
};

export const valuesOf = ({ set, revision }: Applying) =>
  [set.organizationId, set.appId, set.setId, revision] as const;
