import { highlighted, linesWith } from '../search.ts'
import { pending, type Scene, textShape, type ViewModule, windowOf } from './view.ts'

export interface PageOptions {
  /** What has to be read for it; null for nothing. */
  key(scene: Scene): string | null
  /** The whole text, each line fitting into `width`; null while it was not read. */
  lines(scene: Scene, width: number): readonly string[] | null
  about?(scene: Scene): string
}

/** A view that is a page of text: at most some hundreds of lines, which one scrolls through. */
export function pageView({ key, lines, about }: PageOptions): ViewModule {
  return {
    needs(scene) {
      const wanted = key(scene)
      return wanted === null ? [] : [wanted]
    },
    shape: (scene) => textShape(lines(scene, scene.layout.columns)?.length ?? 0, scene.layout.bodyRows),
    draw(scene) {
      const { layout, view, state } = scene
      const text = lines(scene, layout.columns)
      if (text && state.search !== '') {
        return windowOf(text, view.top, layout.bodyRows).map((line) => highlighted(line, state.search))
      }
      return text ? windowOf(text, view.top, layout.bodyRows) : pending(scene, key(scene) ?? '', layout.columns)
    },
    matches: (scene) => linesWith(lines(scene, scene.layout.columns) ?? [], scene.state.search),
    ...(about && { about }),
  }
}
