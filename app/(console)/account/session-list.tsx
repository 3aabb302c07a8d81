"use client";

import { Badge, Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useActionForm } from "../../_components/use-action-form";
import { endSessionAction } from "./actions";
import classes from "./session-list.module.css";

type Session = {
  readonly id: string;
  readonly device: string;
  readonly address: string;
  readonly lastSeen: string;
  readonly since: string;
  readonly isThis: boolean;
};

function EndSession({ session }: { readonly session: Session }) {
  const t = useTranslations("account");
  const form = useActionForm(endSessionAction);
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <input type="hidden" name="id" value={session.id} />
      <Button type="submit" variant="default" aria-label={t("endOf", { device: session.device })}>
        {t("end")}
      </Button>
    </form>
  );
}

export function SessionList({ sessions }: { readonly sessions: readonly Session[] }) {
  const t = useTranslations("account");
  return (
    <ul className={classes.list}>
      {sessions.map((session) => (
        <li key={session.id} className={classes.row}>
          <div>
            <div className={classes.device}>
              <bdi>{session.device}</bdi>
            </div>
            <div className={classes.meta}>
              {session.address} · {session.lastSeen} · {session.since}
            </div>
          </div>
          {session.isThis ? (
            <Badge variant="light" className={classes.badge}>
              {t("thisDevice")}
            </Badge>
          ) : (
            <EndSession session={session} />
          )}
        </li>
      ))}
    </ul>
  );
}
