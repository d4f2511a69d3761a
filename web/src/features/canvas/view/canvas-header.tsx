// The bar over a flow: back, name, what is wrong with it, the chat's switch.
import { Link } from "@tanstack/react-router";
import { ArrowLeft, CircleAlert, Info, MessageSquare, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Chatflow } from "~/api/types";
import { ThemeMenu, UserMenu } from "~/app/header-menus";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "~/ui/menu";
import { Tip } from "~/ui/tooltip";
import type { Problem } from "../model/validate";
import { useDock } from "./dock";

export interface CanvasHeaderProps {
  flow: Chatflow;
  problems: Problem[];
  onReveal: (nodeId: string) => void;
}

export function CanvasHeader({ flow, problems, onReveal }: CanvasHeaderProps) {
  const { t } = useTranslation("canvas");
  const { t: flows } = useTranslation("flows");
  const dock = useDock();
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 sm:px-3">
      <Tip text={t("back")} side="bottom">
        <Button asChild variant="ghost" size="icon" aria-label={t("back")}>
          <Link to="/chatflows">
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Link>
        </Button>
      </Tip>
      <h1 className="min-w-0 truncate text-base font-semibold">{flow.name || flows("untitled")}</h1>
      <Chip className="shrink-0 max-sm:hidden">{t("readOnly")}</Chip>
      <div className="ms-auto flex shrink-0 items-center gap-1">
        {problems.length > 0 && <ProblemMenu problems={problems} onReveal={onReveal} />}
        <Button
          variant="ghost"
          aria-pressed={dock.open}
          className={cx("max-[959px]:hidden", dock.open && "text-primary-ink")}
          onClick={dock.toggle}
        >
          <MessageSquare aria-hidden />
          {t(dock.open ? "hideChat" : "showChat")}
        </Button>
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}

const SEVERITY = {
  error: { icon: CircleAlert, tone: "text-danger!" },
  warning: { icon: TriangleAlert, tone: "text-warning!" },
  info: { icon: Info, tone: "text-primary-ink!" },
};

function ProblemMenu({ problems, onReveal }: { problems: Problem[]; onReveal: (nodeId: string) => void }) {
  const { t } = useTranslation("canvas");
  const text = useProblemText();
  const worst = (["error", "warning"] as const).find((severity) => problems.some((problem) => problem.severity === severity)) ?? "info";
  const { icon: Worst, tone } = SEVERITY[worst];
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" aria-label={t("problems.button", { count: problems.length })}>
          <Worst aria-hidden className={tone} />
          <span className="hidden sm:inline">{t("problems.button", { count: problems.length })}</span>
        </Button>
      </MenuTrigger>
      <MenuContent className="max-h-96 w-80 overflow-y-auto">
        <MenuLabel>{t("problems.title")}</MenuLabel>
        {problems.map((problem, index) => {
          const { icon: Icon, tone: own } = SEVERITY[problem.severity];
          return (
            // oxlint-disable-next-line react/no-array-index-key -- the list is made anew as a whole
            <MenuItem key={index} onSelect={() => problem.nodeId && onReveal(problem.nodeId)}>
              <Icon aria-hidden className={cx("self-start mt-0.5", own)} />
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text(problem)}</span>
            </MenuItem>
          );
        })}
      </MenuContent>
    </Menu>
  );
}

function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation("canvas");
  return (problem) => {
    switch (problem.code) {
      case "unknownNode":
        return t("problems.unknownNode", problem);
      case "missingInput":
        return t("problems.missingInput", problem);
      case "edgeWithoutNode":
        return t("problems.edgeWithoutNode", problem);
      case "duplicateId":
        return t("problems.duplicateId", problem);
      case "brokenPart":
        return t("problems.brokenPart");
      case "placed":
        return t("problems.placed");
    }
  };
}
