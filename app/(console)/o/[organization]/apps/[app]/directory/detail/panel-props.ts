import type { Step } from "@/lib/directory/reader/paths";

/** What restores something, and takes marks off. */
export type RestoreContext = {
  readonly organization: string;
  readonly app: string;
  /** What is shown is read anew; the way leads to what was restored. */
  readonly onDecided: (path: readonly string[]) => void;
};

/** Where a panel reads from, and what it leads to. */
export type PanelProps = {
  /** The page's own address; its routes lie below it. */
  readonly address: string;
  /** The run after which the directory is looked at; `null`: now. */
  readonly at: string | null;
  /** `null` for who may not, and in the past. */
  readonly decider: RestoreContext | null;
  readonly onStep: (step: Step) => void;
  readonly onMember: (id: string, name: string) => void;
};
