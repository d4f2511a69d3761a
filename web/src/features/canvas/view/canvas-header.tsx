// The bar over a flow: back, its name, whether it is safe, what is wrong with it, publish, the chat's switch.
import { Link, useNavigate } from "@tanstack/react-router";
import { Activity, ArrowLeft, ContactRound, DatabaseZap, Ellipsis, MessageSquare, MessagesSquare, PanelLeft, Plug, Rocket, SlidersHorizontal, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { ThemeMenu, UserMenu } from "~/app/header-menus";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "~/ui/menu";
import { Tip } from "~/ui/tooltip";
import { Checklist } from "./checklist";
import { useDock } from "./dock";
import { useEditor, usePanels, useParts } from "./editor-context";
import { useRunsPanel } from "./runs-panel";
import { SaveStatus } from "./save-status";
import { UpsertButton } from "./upsert-button";
import type { Actions } from "./use-actions";

export function CanvasHeader({ actions, onRename }: { actions: Actions; onRename: (name: string) => void }) {
  const { t } = useTranslation("canvas");
  const { panels, kind, flowId, drafts, saver } = useParts();
  const dock = useDock();
  const runs = useRunsPanel();
  const left = usePanels((state) => state.left);
  const readOnly = useEditor((state) => state.readOnly);
  const { ahead, liveVersion, overtaken } = useStore(saver);
  const back = kind === "chat" ? t("back") : t("backToAgents");
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 sm:px-3">
      <Tip text={back} side="bottom">
        <Button asChild variant="ghost" size="icon" aria-label={back}>
          <Link to={kind === "chat" ? "/chatflows" : "/agentflows"}>
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Link>
        </Button>
      </Tip>
      {!readOnly && (
        <Tip text={t("left.toggle")} side="bottom">
          <Button variant="ghost" size="icon" aria-label={t("left.toggle")} aria-pressed={left !== undefined} className="max-[959px]:hidden aria-pressed:text-primary-ink" onClick={() => panels.setState({ left: left ? undefined : "nodes" })}>
            <PanelLeft aria-hidden className="rtl:rotate-180" />
          </Button>
        </Tip>
      )}
      <FlowName onRename={onRename} />
      {readOnly && <Chip className="shrink-0 max-sm:hidden">{t("readOnly")}</Chip>}
      {!readOnly && drafts && flowId && (
        <Chip className="shrink-0 max-lg:hidden">{!liveVersion ? t(ahead ? "draft.never" : "draft.first") : ahead ? t(overtaken ? "draft.overtaken" : "draft.ahead", { number: liveVersion }) : t("draft.live", { number: liveVersion })}</Chip>
      )}
      <SaveStatus />
      <div className="ms-auto flex shrink-0 items-center gap-1">
        <Checklist actions={actions} />
        <UpsertButton />
        {!readOnly && drafts && flowId && (
          <Button variant={ahead ? "primary" : "secondary"} disabled={!ahead} onClick={() => panels.setState({ dialog: { name: "publish" } })}>
            <Rocket aria-hidden />
            <span className="max-sm:sr-only">{t("publish.action")}</span>
          </Button>
        )}
        {runs.offered && (
          <Tip text={t("runs.toggle")} side="bottom">
            <Button variant="ghost" size="icon" aria-label={t("runs.toggle")} aria-pressed={runs.run !== undefined} className={cx("max-sm:hidden", runs.run !== undefined && "text-primary-ink")} onClick={runs.toggle}>
              <Activity aria-hidden />
            </Button>
          </Tip>
        )}
        <Tip text={t(dock.open ? "hideChat" : "showChat")} side="bottom">
          <Button variant="ghost" size="icon" aria-label={t(dock.open ? "hideChat" : "showChat")} aria-pressed={dock.open} className={cx("max-[959px]:hidden", dock.open && "text-primary-ink")} onClick={dock.toggle}>
            <MessageSquare aria-hidden />
          </Button>
        </Tip>
        {flowId && <PagesMenu flowId={flowId} />}
        <span className="contents max-sm:hidden">
          <ThemeMenu />
        </span>
        <UserMenu />
      </div>
    </header>
  );
}

const PAGES = [
  { to: "/flow/$id/settings", label: "pages.settings", icon: SlidersHorizontal },
  { to: "/flow/$id/api", label: "pages.api", icon: Plug },
  { to: "/flow/$id/trigger", label: "pages.trigger", icon: Zap },
  { to: "/flow/$id/messages", label: "pages.messages", icon: MessagesSquare },
  { to: "/flow/$id/leads", label: "pages.leads", icon: ContactRound },
  { to: "/flow/$id/upserts", label: "pages.upserts", icon: DatabaseZap },
] as const;

/** The other pages of this flow. */
function PagesMenu({ flowId }: { flowId: string }) {
  const { t } = useTranslation("canvas");
  const { kind } = useParts();
  const navigate = useNavigate();
  const runs = useRunsPanel();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("pages.label")}>
          <Ellipsis aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent>
        {runs.offered && (
          <MenuItem onSelect={runs.toggle}>
            <Activity aria-hidden />
            {t("runs.toggle")}
          </MenuItem>
        )}
        {PAGES.filter(({ to }) => to !== "/flow/$id/trigger" || kind === "agent").map(({ to, label, icon: Icon }) => (
          <MenuItem key={to} onSelect={() => void navigate({ to, params: { id: flowId } })}>
            <Icon aria-hidden />
            {t(label)}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  );
}

/** The name, changed in place. */
function FlowName({ onRename }: { onRename: (name: string) => void }) {
  const { t } = useTranslation("canvas");
  const { flowName } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const [draft, setDraft] = useState<string>();
  const shown = flowName || t("untitled");
  const finish = () => {
    const name = draft?.trim();
    setDraft(undefined);
    if (name && name !== flowName) onRename(name);
  };
  if (readOnly) return <h1 className="min-w-0 truncate text-base font-semibold">{shown}</h1>;
  return (
    <div className="min-w-0 max-w-72 flex-initial">
      <h1 className="sr-only">{shown}</h1>
      <input
        aria-label={t("flowName")}
        value={draft ?? shown}
        size={Math.min(34, Math.max(6, (draft ?? shown).length))}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setDraft(undefined);
        }}
        className="field-sizing-content min-w-0 max-w-full truncate rounded-md border border-transparent bg-transparent px-1.5 py-1 text-base font-semibold text-ink hover:border-line focus-visible:border-primary"
      />
    </div>
  );
}
