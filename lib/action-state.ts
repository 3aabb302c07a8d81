/** A text of `messages/`, by its key, with its values. */
export type Message = { readonly key: string; readonly values?: Readonly<Record<string, string | number>> };

/** A failure that a form shows. It holds keys, which the browser translates. */
export type FormFailure = {
  readonly message: Message;
  readonly fieldErrors?: Readonly<Record<string, Message>>;
  /** The form must be sent again together with the password. */
  readonly needsPassword?: boolean;
};

/** The state of `useActionState`: plain data, because it is sent to the browser. */
export type ActionState<Data> =
  | { readonly status: "idle" }
  | { readonly status: "done"; readonly data: Data }
  | ({ readonly status: "failed" } & FormFailure);

export const IDLE = { status: "idle" } as const;
