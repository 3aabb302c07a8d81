/** A key in `messages/` with the values of its placeholders. */
export type Message = { readonly key: string; readonly values?: Readonly<Record<string, string | number>> };

export type FormFailure = {
  readonly message: Message;
  readonly fieldErrors?: Readonly<Record<string, Message>>;
  readonly needsPassword?: boolean;
};

/** State of `useActionState`. Plain data, because the browser receives it. */
export type ActionState<Data> =
  | { readonly status: "idle" }
  | { readonly status: "done"; readonly data: Data }
  | ({ readonly status: "failed" } & FormFailure);

export const IDLE = { status: "idle" } as const;
