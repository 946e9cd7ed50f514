/** As much of React Native's types as the kit uses. */
export interface TurboModule {
  readonly getConstants?: () => object;
}
export declare const TurboModuleRegistry: { getEnforcing<T extends TurboModule>(name: string): T };

type Component<Properties> = (properties: Properties) => object;
export declare const SafeAreaView: Component<{ children: unknown }>;
export declare const Text: Component<{ children: unknown }>;
export declare const Button: Component<{ title: string; onPress: () => void }>;

declare global {
  const performance: { now(): number };
}
