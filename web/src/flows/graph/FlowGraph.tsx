import {
  applyNodeChanges,
  Background,
  type Connection,
  type Edge,
  MiniMap,
  type NodeChange,
  Panel,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import type { FlowDocument, FlowProblem } from "../flows";
import { type FlowActions, useFlowWords } from "./actions";
import { connect, copyNodes, type CopiedNodes, deleteNodes, entryOf, layoutOf, pasteNodes, placeNodes } from "./edits";
import { type CardNode, cardsOf, edgesOf } from "./elements";
import "./graph.css";
import { GraphBar } from "./GraphBar";
import { HEAD, spotsOf, WIDTH } from "./layout";
import type { GraphMarks } from "./marks";
import { NodeCard } from "./NodeCard";
import { type Arrow, neighbour } from "./outcomes";
import type { FlowEdits } from "./useFlowEdits";

export interface FlowGraphProps {
  document: FlowDocument;
  problems: readonly FlowProblem[];
  actions: FlowActions;
  readOnly: boolean;
  selected: string | null;
  onSelect: (id: string | null) => void;
  edits: FlowEdits;
  /** Enter on the selected node: to its form. */
  onOpen: () => void;
  marks?: GraphMarks;
  /** As in `FlowGraphEditor`. */
  shown?: Pick<FlowProblem, "node"> | null;
}

const TYPES = { card: NodeCard };
const PASTED = { x: 40, y: 40 };
const READABLE = 0.6;
const FIT = { maxZoom: 1, padding: 0.1 };

/** Kept apart from the page: nodes are copied from one flow into another. */
let clipboard: CopiedNodes | null = null;

export function FlowGraph(props: FlowGraphProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
}

function Graph({ document, problems, actions, readOnly, selected, onSelect, edits, onOpen, marks, shown: problem = null }: FlowGraphProps) {
  const { t } = useTranslation();
  const view = useReactFlow();
  const words = useFlowWords(actions);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const spots = useMemo(() => spotsOf(document, actions), [document, actions]);
  const cards = useMemo(
    () => cardsOf({ document, actions, problems, marks, words }, spots, NONE),
    [document, actions, problems, marks, words, spots],
  );
  const [shown, setShown] = useState(() => ({ cards, chosen: selected, nodes: withSelection(cards, only(selected)) }));
  if (shown.cards !== cards || shown.chosen !== selected) {
    const marked = new Set(shown.nodes.filter((node) => node.selected).map((node) => node.id));
    const keep = shown.chosen === selected || (selected !== null && marked.has(selected));
    setShown({ cards, chosen: selected, nodes: withSelection(cards, keep ? marked : only(selected)) });
  }
  const edges = useMemo(() => edgesOf({ document, marks }), [document, marks]);
  const [edge, setEdge] = useState<string | null>(null);
  const drawn = useMemo(() => edges.map((each) => (each.id === edge ? { ...each, selected: true } : each)), [edges, edge]);
  const picked = shown.nodes.filter((node) => node.selected).map((node) => node.id);

  const look = useCallback(
    (id: string, at = spots[id]) => {
      if (at) void view.setCenter(at.x + WIDTH / 2, at.y + HEAD, { zoom: Math.max(view.getZoom(), 0.7), duration: 200 });
    },
    [spots, view],
  );
  function centre(id: string) {
    look(id);
    onSelect(id);
  }
  const seen = useRef<Pick<FlowProblem, "node"> | null>(null);
  useEffect(() => {
    if (problem && problem !== seen.current) look(problem.node);
    seen.current = problem;
  }, [look, problem]);

  /** What is marked; else all of a small flow, and of a large one where calls begin, large enough to be read. */
  function open(flow: ReactFlowInstance<CardNode>) {
    const { width = 0, height = 0 } = canvas.current?.getBoundingClientRect() ?? {};
    const whole = flow.getNodesBounds(flow.getNodes());
    const start = spots[entryOf(document)];
    const marked = Object.keys(marks?.nodes ?? {}).filter((id) => id in spots);
    if (marked.length > 0) {
      void flow.fitView({ ...FIT, nodes: marked.map((id) => ({ id })) });
    } else if (!start || (whole.width * READABLE <= width && whole.height * READABLE <= height)) {
      void flow.fitView(FIT);
    } else {
      void flow.setViewport({ zoom: READABLE, x: 40 - start.x * READABLE, y: height / 2 - (start.y + HEAD) * READABLE });
    }
  }

  function remove() {
    const branch = edges.find((each) => each.id === edge);
    if (branch) {
      edits.change(connect(document, branch.source, branch.sourceHandle ?? "", null));
      setEdge(null);
    } else if (picked.length > 0) {
      edits.change(deleteNodes(document, picked));
      onSelect(null);
    }
  }

  function paste() {
    if (!clipboard) return;
    const pasted = pasteNodes(document, clipboard, PASTED);
    edits.change(pasted.document);
    const [first] = pasted.ids;
    if (first === undefined) return;
    look(first, layoutOf(pasted.document)[first]);
    onSelect(first);
  }

  function onKey(event: KeyboardEvent) {
    const ctrl = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (ctrl && key === "f") {
      box.current?.querySelector<HTMLInputElement>("[role=combobox]")?.focus();
    } else if (isField(event.target)) {
      return;
    } else if (ctrl && key === "c") {
      clipboard = copyNodes(document, picked, spots);
    } else if (ctrl && key === "v" && !readOnly) {
      paste();
    } else if ((key === "Delete" || key === "Backspace") && !readOnly) {
      remove();
    } else if (key === "Enter" && selected !== null) {
      onOpen();
    } else if (key.startsWith("Arrow")) {
      const next = selected === null ? null : neighbour(document, actions, selected, key as Arrow);
      if (next !== null) centre(next);
    } else {
      return;
    }
    event.preventDefault();
  }

  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys of the graph in it and of its bar
    <div className="graph" ref={box} onKeyDown={onKey}>
      <GraphBar document={document} actions={actions} words={words} readOnly={readOnly} edits={edits} onFind={centre} />
      <div
        className="graph-canvas"
        ref={canvas}
        role="application"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- role application takes the keys
        tabIndex={0}
        aria-label={t("flowGraph.canvas")}
        data-testid="flow-graph"
      >
        <ReactFlow<CardNode, Edge>
          nodes={shown.nodes}
          edges={drawn}
          nodeTypes={TYPES}
          onNodesChange={(changes: NodeChange<CardNode>[]) =>
            setShown((before) => ({ ...before, nodes: applyNodeChanges(changes, before.nodes) }))
          }
          onNodeClick={(_, node) => {
            setEdge(null);
            onSelect(node.id);
          }}
          onNodeDoubleClick={onOpen}
          onEdgeClick={(_, each) => setEdge(each.id)}
          onPaneClick={() => {
            setEdge(null);
            onSelect(null);
          }}
          onConnect={({ source, sourceHandle, target }: Connection) =>
            edits.change(connect(document, source, sourceHandle ?? "", target))
          }
          onNodeDragStop={(_, __, moved) =>
            edits.change(placeNodes(document, Object.fromEntries(moved.map((node) => [node.id, node.position]))))
          }
          nodesDraggable={!readOnly}
          nodesConnectable={!readOnly}
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          onlyRenderVisibleElements
          minZoom={0.05}
          onInit={open}
        >
          <Background />
          {cards.length === 0 && (
            <Panel position="top-center" data-testid="graph-empty">
              <EmptyState title={t("flowGraph.empty")} hint={t("flowGraph.emptyHint")} />
            </Panel>
          )}
          <MiniMap pannable zoomable ariaLabel={t("flowGraph.miniMap")} />
        </ReactFlow>
      </div>
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();
const only = (id: string | null) => new Set(id === null ? [] : [id]);
const withSelection = (cards: CardNode[], ids: ReadonlySet<string>) =>
  cards.map((card) => (ids.has(card.id) ? { ...card, selected: true } : card));
const isField = (target: EventTarget) => target instanceof HTMLElement && target.closest("input, textarea, select, button") !== null;
