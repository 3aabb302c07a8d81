export const CHANGED_OBJECTS = ["department", "member"] as const;
export type ChangedObject = (typeof CHANGED_OBJECTS)[number];

/** Kinds of changes that a plan can contain. */
export const PLANNED_KINDS = ["added", "returned", "moved", "renamed", "changed", "removed"] as const;
/** All kinds of changes. People make those that plans don't contain. */
export const CHANGE_KINDS = [...PLANNED_KINDS, "restored", "erased"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Why something is removed. `gone`: DingTalk says so. `unproven`: it is missing and was not looked up. */
export const REMOVAL_REASONS = ["gone", "out_of_scope", "excluded", "unproven"] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

/** `skipped`: its row had changed. `left_out`: a decision excluded it. `kept`: a person keeps the row. */
export const CHANGE_OUTCOMES = ["skipped", "left_out", "kept"] as const;
export type ChangeOutcome = (typeof CHANGE_OUTCOMES)[number];
