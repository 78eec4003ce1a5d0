import { remark, textShape, type ViewModule } from './view.ts'

export const laterView: ViewModule = {
  shape: (scene) => textShape(0, scene.layout.bodyRows),
  draw: (scene) => remark(scene, 'Nothing here yet.', scene.layout.columns),
}
