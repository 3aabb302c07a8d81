import type { Step } from "@/lib/directory/tree/schema";

/** Where a panel reads from, and what it leads to. */
export type PanelLinks = {
  /** The page's own address; its routes lie below it. */
  readonly address: string;
  /** The run after which the directory is looked at; `null`: now. */
  readonly at: string | null;
  readonly onStep: (step: Step) => void;
  readonly onMember: (id: string, name: string) => void;
};
