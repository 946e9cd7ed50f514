/** The JDK of this machine, and Java that calls a model's library as the Kotlin class of its kit does. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JvmModel } from '../../../codegen/c/kits/aar/ports.js';
import { findTool } from '../../../src/verify/tools.js';

/** The folder of jni.h of the JDK whose `javac` runs; null where there is none. */
export function jniFolder(): string | null {
  const javac = findTool('javac');
  const folder = javac && join(dirname(realpathSync(javac)), '..', 'include');
  return folder && existsSync(join(folder, 'jni.h')) ? folder : null;
}

/** A program in the model's package: standard input has inputs one behind the other, for each the output is printed in hexadecimal. */
export function twinOf({ package: name, nativeName, inputs, outputs }: JvmModel): string {
  return `package ${name};

import java.nio.ByteBuffer;

class Twin {
    public static void main(String[] arguments) throws Exception {
        ByteBuffer arena = ByteBuffer.allocateDirect(${nativeName}.arenaBytes());
        byte[] input = new byte[${inputs[0]!.bytes}];
        byte[] output = new byte[${outputs[0]!.bytes}];
        while (System.in.readNBytes(input, 0, input.length) == input.length) {
            ByteBuffer view = arena.duplicate();
            view.position(${nativeName}.inputOffset(arena, 0));
            view.put(input);
            ${nativeName}.run(arena);
            view.position(${nativeName}.outputOffset(arena, 0));
            view.get(output);
            System.out.println(java.util.HexFormat.of().formatHex(output));
        }
    }
}
`;
}
