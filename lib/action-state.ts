/** A sentence of `messages/`, by its key, with what belongs into it. */
export type Message = { readonly key: string; readonly values?: Readonly<Record<string, string | number>> };

/** What a form shows of a failure. Keys, not sentences: the browser says them in the person's language. */
export type FormFailure = {
  readonly message: Message;
  readonly fieldErrors?: Readonly<Record<string, Message>>;
  /** The password has to be given again, together with the same form. */
  readonly needsPassword?: boolean;
};

/** What `useActionState` holds: plain data, for it crosses to the browser. */
export type ActionState<Data> =
  | { readonly status: "idle" }
  | { readonly status: "done"; readonly data: Data }
  | ({ readonly status: "failed" } & FormFailure);

export const IDLE = { status: "idle" } as const;
