# What is installed where, and the packages of it: one of the command line (for servers and nodes), one of the window.
add_custom_target(programs)  # what a user runs
set(plugins "")
foreach(name tokenmark tokenmark-cli tokenmark-plugin-probe tokenmark-plugin-cuda tokenmark-plugin-hip tokenmark-plugin-sim)
  if(TARGET ${name})
    add_dependencies(programs ${name})
    if(name MATCHES "plugin-(cuda|hip|sim)")
      list(APPEND plugins ${name})
    endif()
  endif()
endforeach()

install(TARGETS tokenmark-cli RUNTIME DESTINATION bin COMPONENT cli)
install(TARGETS tokenmark-plugin-probe RUNTIME DESTINATION lib/tokenmark COMPONENT cli)
if(plugins)
  install(TARGETS ${plugins} LIBRARY DESTINATION lib/tokenmark/plugins COMPONENT cli)
endif()
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION share/man/man1 COMPONENT cli OPTIONAL FILES_MATCHING PATTERN "tokenmark-cli*.1")
install(DIRECTORY docs/ DESTINATION share/doc/tokenmark-cli COMPONENT cli)
install(FILES packaging/share/copyright DESTINATION share/doc/tokenmark-cli COMPONENT cli)
if(TARGET tokenmark)
  set(share ${CMAKE_SOURCE_DIR}/packaging/share)
  install(TARGETS tokenmark RUNTIME DESTINATION bin COMPONENT desktop)
  install(FILES ${share}/tokenmark.desktop DESTINATION share/applications COMPONENT desktop)
  install(FILES ${share}/tokenmark.metainfo.xml DESTINATION share/metainfo RENAME org.tokenmark.Tokenmark.metainfo.xml COMPONENT desktop)
  install(FILES ${share}/tokenmark-mime.xml DESTINATION share/mime/packages RENAME tokenmark.xml COMPONENT desktop)
  install(FILES resources/icons/tokenmark.svg DESTINATION share/icons/hicolor/scalable/apps COMPONENT desktop)
  install(FILES ${share}/copyright DESTINATION share/doc/tokenmark COMPONENT desktop)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION share/man/man1 COMPONENT desktop OPTIONAL FILES_MATCHING PATTERN "tokenmark.1")
endif()

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "The Tokenmark developers <tokenmark@localhost>")
set(CPACK_PACKAGE_VENDOR Tokenmark)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_FILE_NAME tokenmark-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_CLI_PACKAGE_NAME tokenmark-cli)
set(CPACK_DEBIAN_DESKTOP_PACKAGE_NAME tokenmark)
set(CPACK_DEBIAN_DESKTOP_PACKAGE_DEPENDS "tokenmark-cli (= ${PROJECT_VERSION}), fonts-dejavu-core")
set(CPACK_DEBIAN_CLI_PACKAGE_SUGGESTS "openssh-client")
# The first line of each is the project's description.
set(CPACK_COMPONENT_CLI_DESCRIPTION
"Measures how fast, how dear and how good an LLM serving system is: an engine of
its own on CPUs and GPUs, or servers with an OpenAI-compatible interface, on
this machine or on others over SSH. This is the command line, which needs no
display; the window is in the package tokenmark.")
set(CPACK_COMPONENT_DESKTOP_DESCRIPTION
"Runs sweeps, keeps every run, and shows throughput against interactivity, cost
and power as frontiers that can be explored, compared and exported.")
include(CPack)
