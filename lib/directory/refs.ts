import type { AppRef } from "@/lib/tokens/app-ref";

export type { AppRef } from "@/lib/tokens/app-ref";

/** Names a run to whoever works on it or tells of it. */
export type RunRef = AppRef & { readonly runId: string };
