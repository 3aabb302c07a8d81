import { getTranslations } from "next-intl/server";
import classes from "../auth.module.css";
import { SetPasswordForm } from "./set-password-form";

export default async function SetPasswordPage({ searchParams }: PageProps<"/set-password">) {
  const { link } = await searchParams;
  const t = await getTranslations("auth");
  return (
    <section className={classes.card}>
      <title>{`${t("setPassword")} – Dingkeep`}</title>
      <h1>{t("setPassword")}</h1>
      <SetPasswordForm link={typeof link === "string" ? link : ""} />
    </section>
  );
}
