"use client";

import { useTranslations } from "next-intl";
import { announce } from "@/app/_components/feedback/announce";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { endSessionAction } from "./actions";

type Props = {
  readonly id: string;
  /** The session's device name. */
  readonly device: string;
};

/** Signs out another of the user's devices, and announces it. */
export function EndSession({ id, device }: Props) {
  const t = useTranslations("account");
  // Announced with the answer, because the refreshed page no longer has this row.
  const form = useActionForm<null>(async (previous, sent) => {
    const answer = await endSessionAction(previous, sent);
    if (answer.status === "done") announce(t("ended", { device }));
    return answer;
  });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="id" value={id} />
      <SubmitButton
        isPending={form.isPending}
        label={t("end")}
        pendingLabel={t("end")}
        variant="default"
        aria-label={t("endOf", { device })}
      />
    </form>
  );
}
