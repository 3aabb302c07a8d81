import type { Step } from "@/lib/directory/reader/paths";

/** Context for restoring an entry, and for allowing syncs to remove it again. */
export type RestoreContext = {
  readonly organization: string;
  readonly app: string;
  /** Reloads the view and opens the path to the restored entry. */
  readonly onRestored: (path: readonly string[]) => void;
};

/** Props shared by the department and member panels. */
export type PanelProps = {
  /** Address of the directory page. */
  readonly address: string;
  /** The run whose directory is shown; `null` for the present. */
  readonly at: string | null;
  /** `null` without permission and in the past. */
  readonly restore: RestoreContext | null;
  readonly onStep: (step: Step) => void;
  readonly onMember: (id: string, name: string) => void;
};
