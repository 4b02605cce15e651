{
  "target_defaults": {
    "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
    "defines": ["NAPI_VERSION=9"],
    "cflags": ["-Wall", "-Wextra", "-Werror", "-fstack-protector-strong", "-fstack-clash-protection", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++17"],
    "ldflags": [
      "-static-libstdc++", "-static-libgcc", "-Wl,--strip-all",
      "-Wl,-z,relro,-z,now", "-Wl,--exclude-libs,ALL"
    ],
    "conditions": [["target_arch=='x64'", {"cflags": ["-fcf-protection"]}]]
  },
  "targets": [
    {
      "target_name": "cdb",
      "sources": [
        "archive.cc", "compress.cc", "lock.cc", "mapped.cc", "compress_binding.cc", "cdb_binding.cc"
      ],
      "libraries": ["-l:libcdb_pic.a", "-l:libdeflate.a", "-l:libzstd.a"]
    },
    {
      "target_name": "wall",
      "sources": [
        "ring.cc", "ring_accept.cc", "ring_connection.cc", "ring_receive.cc", "ring_send.cc", "ring_note.cc",
        "ring_timers.cc", "journal.cc", "peers.cc",
        "listener.cc", "sealed.cc", "process.cc", "lockdown.cc", "status.cc", "refusal.cc", "descriptors.cc",
        "code_range.cc", "channel.cc", "loaded.cc", "privilege.cc", "lockdown_binding.cc",
        "process_binding.cc", "listener_binding.cc", "watch_binding.cc", "sealed_binding.cc", "wall_binding.cc"
      ],
      "libraries": ["-l:libseccomp.a"]
    },
    {
      "target_name": "spawner",
      "type": "executable",
      "product_extension": "",
      "defines": ["_GNU_SOURCE"],
      "sources": [
        "spawner/main.c", "spawner/plan.c", "spawner/request.c", "spawner/service.c", "spawner/worker.c",
        "spawner/namespaces.c", "spawner/world.c", "spawner/identity.c", "spawner/limits.c",
        "spawner/landlock.c", "spawner/descriptors.c", "spawner/filter.c"
      ],
      "cflags": ["-std=c17", "-O2", "-fPIE", "-D_FORTIFY_SOURCE=2"],
      "ldflags": ["-pie", "-Wl,-z,noexecstack"],
      "ldflags!": ["-rdynamic"]
    }
  ]
}
